import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { createLog } from '../../collector/log.ts'
import { startVerdictWatch, type VerdictWatch } from '../../collector/roles/verdict-watch.ts'

type Options = Parameters<typeof startVerdictWatch>[0]

let watch: VerdictWatch
let looks: number
/** What of the shadow was compared so far. */
let compared: number

beforeEach(() => {
  jest.useFakeTimers()
  looks = 0
  compared = 1
  const options = {
    reads: {
      current: async () => [],
      controlGenerations: async () => ({}),
      judged: async () => [{ route: 'shop', variant: 'shadow' }],
    },
    verdicts: {
      async verdict() {
        looks += 1
        const endpoints = [{ n: compared, controlN: 0 }]
        return { verdict: 'inconclusive', sentence: '', generation: { generation: 1 }, endpoints }
      },
    },
    changes: { note: async () => false },
    ...{ routes: () => [], latencyOf: () => undefined, looked: () => undefined, noted: () => undefined },
    ...{ log: createLog('silent'), now: () => Date.now() },
  }
  // Of each part only what a look asks for.
  watch = startVerdictWatch(options as unknown as Options)
})
afterEach(async () => {
  await watch.close()
  jest.useRealTimers()
})

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

it('looks every 3 s while the counts move, and every 12 s while they stand still', async () => {
  for (let look = 1; look <= 5; look++) {
    await pass(3_000)
    expect(looks).toBe(look)
    compared += 1
  }
  await pass(6_000)
  expect(looks).toBe(7)
  await pass(11_000)
  expect(looks).toBe(7)
  await pass(1_000)
  expect(looks).toBe(8)
  await pass(12_000)
  expect(looks).toBe(9)
})

it('looks soon when it is told of news while nothing moved', async () => {
  await pass(6_000)
  await pass(8_000)
  expect(looks).toBe(2)
  watch.look()
  await pass(1_000)
  expect(looks).toBe(3)
})

it('looks in time although it is told of news all the while', async () => {
  for (let ms = 0; ms < 12_000; ms += 100) {
    watch.look()
    await pass(100)
  }
  expect(looks).toBeGreaterThanOrEqual(3)
})
