import { afterEach, expect, it } from '@jest/globals'
import type { Config } from '../../collector/config.ts'
import type { Log } from '../../collector/log.ts'
import { createMetrics } from '../../collector/metrics/metrics.ts'
import { type Control, startControl } from '../../collector/roles/control-role.ts'
import type { RouteRegistry } from '../../collector/roles/route-registry.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined } as unknown as Log
const routes = {
  ...{ isKnown: () => false, revision: () => '', routes: () => [], entries: () => [] },
} as unknown as RouteRegistry

let control: Control | undefined
afterEach(() => control?.close())

it('tells who leads as soon as PostgreSQL takes it', async () => {
  let isAway = true
  let refused = 0
  const told = new Map<string, unknown>()
  control = startControl({
    ...{ name: 'here', log, routes, metrics: createMetrics(), isSure: () => true, now: Date.now },
    // Nobody listens there.
    config: { traefikApi: [{ name: 'traefik', url: 'http://127.0.0.1:9' }], ingestPort: 1 } as unknown as Config,
    labelRoutes: {
      entries: () => undefined,
      acceptedControls: async () => ({}),
      keepLabelRoutes: async () => undefined,
    },
    targets: { problems: async () => [], refused: async () => new Map() },
    generations: () => ({}),
    states: {
      async write(key, body) {
        if (isAway) {
          refused += 1
          throw new Error('away')
        }
        told.set(key, body)
      },
      read: async () => undefined,
    },
  })
  await waitUntil(() => refused > 0)
  isAway = false
  await waitUntil(() => told.size > 0)
  expect([...told]).toEqual([['leader', { name: 'here' }]])
})
