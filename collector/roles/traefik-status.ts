// How the Traefiks are, for /api/status and `doctor`: reached, running what was rendered, and not held up by a broken
// file of somebody else.
import type { Component } from '../api/schemas.ts'
import { brokenNeighbours } from '../rollout/broken-neighbours.ts'
import { RENDERED_FILE_NAME } from '../rollout/traffic-port.ts'
import type { TraefikFleet } from './traefik-fleet.ts'

export async function traefikStatus(
  fleet: Pick<TraefikFleet, 'status' | 'traefiks'>,
  dynamicDir: string | undefined,
): Promise<Component> {
  const traefiks = fleet.traefiks()
  const routes = fleet.status()
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
  const drifted = traefiks.filter(({ confirmed, detail }) => !confirmed && detail !== null)
  // With one Traefik the routes' own states say it.
  if (drifted.length === 0 || traefiks.length === 1) return told('ok', summary)
  return told('degraded', `${summary}; ${drifted.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`)
}
