// Discovery as the role `control` uses it: Traefik is read, Docker is watched where it is given, and the routes that
// come up by themselves are kept before the overlays are rendered.
import { setTimeout as delay } from 'node:timers/promises'
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Discovery } from '../api/discovery-schemas.ts'
import { createDockerApi } from '../discovery/docker-api.ts'
import { watchDocker } from '../discovery/docker-watch.ts'
import type { Log } from '../log.ts'
import { discoveryView } from './discovery-view.ts'
import { createLabelDiscovery, type LabelRouteKeeper } from './label-discovery.ts'

export type DiscoveryPart = {
  /** Around a Traefik's discovery: the routes of labels are as they should be when it has answered. */
  around: (discover: () => Promise<Discovered>) => () => Promise<Discovered>
  view: (traefiks: Discovery['traefiks']) => Discovery
  close: () => Promise<void>
}

/** The overlays do not wait longer for a database that is slow; the next look sees the routes. */
const KEEP_WITHIN_MS = 3_000

export function openDiscovery(options: {
  dockerHost: string | undefined
  keeper: LabelRouteKeeper
  /** The containers changed: look soon. */
  changed: () => void
  log: Log
  now: () => number
}): DiscoveryPart {
  const { dockerHost, keeper, changed, log, now } = options
  const docker =
    dockerHost === undefined ? undefined : watchDocker({ api: createDockerApi({ host: dockerHost }), log, changed })
  const labels = createLabelDiscovery({ keeper, ...(docker && { docker }), log, now })
  let found: Discovered | undefined
  let looking: Promise<void> | undefined
  return {
    around: (discover) => async () => {
      found = await discover()
      const look = (looking ?? labels.look(found)).finally(() => {
        looking = undefined
      })
      looking = look
      await Promise.race([look, delay(KEEP_WITHIN_MS, undefined, { ref: false })])
      return found
    },
    view: (traefiks) => discoveryView(traefiks, found, labels),
    async close() {
      await docker?.close()
    },
  }
}
