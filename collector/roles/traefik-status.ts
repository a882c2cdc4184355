// How the Traefiks are, for /api/status and `doctor`: reached, running what was rendered, and not held up by a broken
// file of somebody else.
import type { Discovery } from '../api/discovery-schemas.ts'
import type { OverlayState } from '../api/parts.ts'
import type { Component } from '../api/schemas.ts'
import { brokenNeighbours } from '../rollout/broken-neighbours.ts'
import type { Drift, DriftKind } from '../rollout/drift.ts'
import { RENDERED_FILE_NAME } from '../rollout/traffic-port.ts'

type TraefikSeen = Discovery['traefiks'][number]

/** How long a drift that was mended is still shown. */
const TOLD_FOR_MS = 10 * 60_000

export async function traefikStatus(
  { routes, traefiks }: { routes: readonly Pick<OverlayState, 'state'>[]; traefiks: readonly TraefikSeen[] },
  dynamicDir: string | undefined,
  now: number,
): Promise<Component> {
  const told = (state: Component['state'], detail: string, mend?: string): Component => ({
    ...{ name: 'traefik', state, detail, required: false },
    ...(mend === undefined ? {} : { mend }),
  })
  const which = (name: string) => (traefiks.length === 1 ? '' : `${name}: `)

  const away = traefiks.filter(({ reachable }) => !reachable)
  if (away.length > 0) {
    const detail = away.map(({ name, detail }) => `${which(name)}${detail ?? 'not asked yet'}`).join('; ')
    const urls = away.map(({ url }) => url).join(', ')
    return told('down', detail, `start Traefik or correct UNDERSTUDY_TRAEFIK_API (${urls})`)
  }
  const broken = dynamicDir === undefined ? [] : await brokenNeighbours(dynamicDir, RENDERED_FILE_NAME)
  if (broken.length > 0) {
    const detail = `Traefik reads no file of ${dynamicDir} while one is broken: ${broken.join('; ')}`
    return told('degraded', detail, 'correct that file or take it out; Traefik keeps what it had read before')
  }
  const versions = [...new Set(traefiks.map(({ version }) => version ?? 'unknown'))].join(', ')
  const applied = routes.filter(({ state }) => state === 'applied').length
  const summary = `${versions}, ${applied} of ${routes.length} routes applied`
  const behind = traefiks.filter(({ runs }) => runs !== null)
  if (behind.length > 0) {
    const detail = `${summary}; ${behind.map(({ name, detail }) => `${which(name)}${detail}`).join('; ')}`
    return told(
      'degraded',
      detail,
      'what is rendered is written again every half minute; its log says why it is not taken',
    )
  }
  const touched = traefiks.filter(({ drift }) => drift !== null && now - Date.parse(drift.at) < TOLD_FOR_MS)
  if (touched.length > 0) {
    const detail = touched.map((each) => `${which(each.name)}${driftText(each.drift)}`).join('; ')
    return told('degraded', `${summary}; ${detail}`, 'change the routes instead; look for who else writes there')
  }
  const failing = traefiks.filter(({ confirmed, detail }) => !confirmed && detail !== null)
  // With one Traefik the routes' own states say it.
  if (failing.length === 0 || traefiks.length === 1) return told('ok', summary)
  return told('degraded', `${summary}; ${failing.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`)
}

const what: Record<DriftKind, string> = {
  changed: 'what was rendered had been changed by another hand',
  deleted: 'what was rendered had been deleted by another hand',
  revision: 'it had gone back to an older revision',
}

function driftText(drift: Drift | null): string {
  if (!drift) return ''
  const times = drift.count === 1 ? '' : `, ${drift.count} times since the start`
  return `${what[drift.kind]} (${drift.at}${times}); written anew`
}
