// Keeps what is known of noise up to what the store holds: what other processes learned, and what was learned before a
// start. What this process learns it knows at once.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createKnownNoise, type KnownNoise } from '../pipeline/known-noise.ts'
import type { StoredUnit } from '../store/noise-store.ts'

export type NoiseRegistry = KnownNoise & { close(): void }

const LOOK_EVERY_MS = 2_000
/** Numbers are given before rows can be seen, so now and then all are read anew. */
const WHOLE_EVERY_LOOKS = 30
const PAGE = 5_000

/** Reads all that is stored before it returns. */
export async function openNoise(options: {
  unitsAfter: (nr: bigint, limit: number) => Promise<StoredUnit[]>
  primaryVersionOf: (route: string) => string
  log: Log
}): Promise<NoiseRegistry> {
  const known = createKnownNoise()
  let last = 0n
  let looks = 0
  let isBusy = false

  const read = async () => {
    while (true) {
      const units = await options.unitsAfter(last, PAGE)
      for (const { nr, route, version, unit } of units) {
        last = nr
        if (version === options.primaryVersionOf(route)) known.admit(route, version, unit)
      }
      if (units.length < PAGE) return
    }
  }

  await read()
  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    looks += 1
    if (looks % WHOLE_EVERY_LOOKS === 0) last = 0n
    read()
      .catch((error: unknown) => options.log.debug({ error: messageOf(error) }, 'noise is read again later'))
      .finally(() => {
        isBusy = false
      })
  }, LOOK_EVERY_MS)
  timer.unref()
  return { ...known, close: () => clearInterval(timer) }
}
