// Keeps what is known of noise up to what the store holds: what other processes learned, and what was learned before a
// start. What this process learns it knows at once. While no pair is judged, nothing is read.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createKnownNoise, type KnownNoise } from '../pipeline/known-noise.ts'
import { FIRST_VERSION, type NoiseStore } from '../store/noise-store.ts'

export type NoiseRegistry = KnownNoise & {
  /** Of the route's primary, see noise-store.ts. */
  versionOf(route: string): string
  close(): void
}

const LOOK_EVERY_MS = 2_000
/** Numbers are given before rows can be seen, so now and then all are read anew. */
const WHOLE_EVERY_LOOKS = 30
const PAGE = 5_000

/** Reads all that is stored before it returns. */
export async function openNoise(options: {
  store: Pick<NoiseStore, 'unitsAfter' | 'versions'>
  log: Log
}): Promise<NoiseRegistry> {
  const { store } = options
  const known = createKnownNoise()
  let versions = new Map<string, string>()
  let isUsed = true
  const versionOf = (route: string) => {
    isUsed = true
    return versions.get(route) ?? FIRST_VERSION
  }
  let last = 0n
  let looks = 0
  let isBusy = false

  const read = async () => {
    const now = await store.versions()
    // Others may have learned of a new version what was passed over here.
    if ([...now].some(([route, version]) => version !== versionOf(route))) last = 0n
    versions = now
    while (true) {
      const units = await store.unitsAfter(last, PAGE)
      for (const { nr, route, version, unit } of units) {
        last = nr
        if (version === versionOf(route)) known.admit(route, version, unit)
      }
      if (units.length < PAGE) return
    }
  }

  await read()
  const timer = setInterval(() => {
    if (isBusy || !isUsed) return
    isBusy = true
    looks += 1
    if (looks % WHOLE_EVERY_LOOKS === 0) last = 0n
    read()
      .catch((error: unknown) => options.log.debug({ error: messageOf(error) }, 'noise is read again later'))
      .finally(() => {
        isBusy = false
        isUsed = false
      })
  }, LOOK_EVERY_MS)
  timer.unref()
  return { ...known, versionOf, close: () => clearInterval(timer) }
}
