import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { createLog } from '../../collector/log.ts'
import { type NoiseRegistry, openNoise } from '../../collector/roles/noise-registry.ts'
import type { StoredUnit } from '../../collector/store/noise-store.ts'

const unit = { endpoint: 'GET /clock', path: '/at', kind: 'changed' as const }
let units: StoredUnit[]
let version: string
let looks: number
let noise: NoiseRegistry

beforeEach(async () => {
  jest.useFakeTimers()
  ;[units, version, looks] = [[], '1', 0]
  noise = await openNoise({
    store: {
      unitsAfter: async (nr) => units.filter((one) => one.nr > nr),
      async versions() {
        looks += 1
        return new Map([['clock', version]])
      },
    },
    log: createLog('silent'),
  })
})
afterEach(() => {
  noise.close()
  jest.useRealTimers()
})

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)
/** As a pair of the route is judged. */
const learned = () => noise.noiseOf('clock', noise.versionOf('clock'))
const byAnother = () => units.push({ nr: BigInt(units.length + 1), route: 'clock', version: '1', unit })

it('reads what others learned while pairs are judged, and nothing while none are', async () => {
  await pass(60_000)
  expect(looks).toBe(1)
  byAnother()
  expect(learned()).toBeNull()
  await pass(2_000)
  expect(looks).toBe(2)
  expect(learned()).not.toBeNull()
  await pass(2_000)
  await pass(60_000)
  expect(looks).toBe(3)
})

it('knows at once what is asked for out of turn, and soon what there is news of', async () => {
  byAnother()
  await noise.refresh()
  expect(learned()).not.toBeNull()
  version = '2'
  noise.look()
  await pass(0)
  expect(noise.versionOf('clock')).toBe('2')
})
