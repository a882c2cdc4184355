// Changing a route: with the version it was read at, with the way back, and told to every list.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { failure, useMessages } from '../parts/messages.tsx'
import { apiPath } from '../paths.ts'
import { ApiError, callApi, readApi } from './client.ts'
import type { Features } from './features.ts'
import type { DryRun, Route } from './types.ts'

/** RFC 7396: null takes a field away. */
export type RoutePatch = Record<string, unknown>

const etagOf = (route: Route) => (route.version === undefined ? undefined : `"${route.version}"`)

const elsewhere: Record<string, string> = {
  file: 'The routes file has this route: change it there.',
  label: "The container's labels have this route: change them there.",
  external: "This route is written by hand in Traefik's own files: change it there.",
}

/** Why a route cannot be changed here; undefined where it can. */
export function whyNotEditable(route: Route, { has }: Features): string | undefined {
  if (!has('patch /api/v1/routes/{name}')) return 'This server does not change routes: the routes file does.'
  return elsewhere[route.managedBy ?? 'rest']
}

export function previewChange(route: Route, patch: RoutePatch, signal?: AbortSignal): Promise<DryRun> {
  return readApi<DryRun>(apiPath.route(route.name), {
    method: 'PATCH',
    query: { dryRun: true },
    body: patch,
    ifMatch: etagOf(route),
    ...(signal && { signal }),
  })
}

export function useRouteChange(options: { onDone?: () => void; onConflict?: (theirs: Route) => void } = {}) {
  const client = useQueryClient()
  const tell = useMessages()
  const told = () =>
    Promise.all(
      ['routes', 'route', 'versions', 'audit', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })),
    )

  /** Brings a version back; of a deleted route too. */
  const undo = async (name: string, version: number) => {
    try {
      const now = await readApi<Route>(apiPath.route(name)).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined
        throw error
      })
      await readApi(apiPath.restore(name), { method: 'POST', body: { version }, ifMatch: now && etagOf(now) })
      await told()
      tell({ text: now ? `Undone: ${name} is as it was at version ${version}` : `${name} is back` })
    } catch (error) {
      tell(failure('Not undone', error))
    }
  }

  const change = useMutation({
    mutationFn: ({ route, patch }: { route: Route; patch: RoutePatch; what: string }) =>
      callApi<Route>(apiPath.route(route.name), { method: 'PATCH', body: patch, ifMatch: etagOf(route) }),
    onSuccess: async (_answer, { route, what }) => {
      await told()
      const { version } = route
      tell({
        text: what,
        ...(version !== undefined && { action: { label: 'Undo', run: () => void undo(route.name, version) } }),
      })
      options.onDone?.()
    },
    onError: async (error, { route }) => {
      const isConflict = error instanceof ApiError && error.status === 412
      if (isConflict && options.onConflict) options.onConflict(await readApi<Route>(apiPath.route(route.name)))
      else if (!options.onConflict) tell(failure('Not changed', error))
    },
  })
  return { change, undo }
}
