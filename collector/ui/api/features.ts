// What this server offers, read from its own description: a page shows only what it can do.
import { useQuery } from '@tanstack/react-query'
import { apiPath } from '../paths.ts'
import { readApi } from './client.ts'

type OpenApi = { paths?: Record<string, Record<string, unknown>> }

/** `get /api/v1/routes/{name}/report`, as OpenAPI writes it. */
export type Feature = `${'get' | 'post' | 'put' | 'patch' | 'delete'} /${string}`

export type Features = { isKnown: boolean; has(feature: Feature): boolean }

export function useFeatures(): Features {
  const { data } = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => readApi<OpenApi>(apiPath.openApi, { signal }),
    staleTime: 5 * 60_000,
    select: offeredBy,
  })
  return { isKnown: data !== undefined, has: (feature) => data?.has(feature) ?? false }
}

function offeredBy(document: OpenApi): Set<string> {
  return new Set(
    Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    ),
  )
}
