// Keeps what is known of noise up to what the store holds: what other processes learned, and what was learned before a
// start. What this process learns it knows at once. While no pair is judged and no news come, nothing is read.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createKnownNoise, type KnownNoise } from '../pipeline/known-noise.ts'
import { FIRST_VERSION, type NoiseStore } from '../store/noise-store.ts'
import { lookInTurn } from './look-in-turn.ts'

export type NoiseRegistry = KnownNoise & {
  /** Of the route's primary, see noise-store.ts. */
  versionOf(route: string): string
  /** Reads what there is by now, for pairs that are judged out of turn. Throws what PostgreSQL throws. */
  refresh(): Promise<void>
  /** There may be a new version of a primary: reads soon. */
  look(): void
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
  const versionNow = (route: string) => versions.get(route) ?? FIRST_VERSION
  /** A pair was judged since the last look. */
  let isUsed = false
  let last = 0n
  let looks = 0
  let turn: Promise<void> = Promise.resolve()

  const read = async () => {
    const now = await store.versions()
    // Others may have learned of a new version what was passed over here.
    if ([...now].some(([route, version]) => version !== versionNow(route))) last = 0n
    versions = now
    while (true) {
      const units = await store.unitsAfter(last, PAGE)
      for (const { nr, route, version, unit } of units) {
        last = nr
        if (version === versionNow(route)) known.admit(route, version, unit)
      }
      if (units.length < PAGE) return
    }
  }

  /** One at a time; what is read later is never older. */
  const refresh = () => {
    const result = turn.then(read)
    turn = result.catch(() => undefined)
    return result
  }

  await refresh()
  const look = lookInTurn(
    async () => {
      looks += 1
      if (looks % WHOLE_EVERY_LOOKS === 0) last = 0n
      isUsed = false
      await refresh()
    },
    (error) => options.log.debug({ error: messageOf(error) }, 'noise is read again later'),
  )
  const timer = setInterval(() => {
    if (isUsed) look()
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    ...known,
    versionOf(route) {
      isUsed = true
      return versionNow(route)
    },
    refresh,
    look,
    close: () => clearInterval(timer),
  }
}
