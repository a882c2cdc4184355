// The time by which one partition's exchanges expire. Wall time would be wrong: after an outage, both sides of an
// exchange may lie far apart in time yet next to each other in the log, and neither side is late.

/** A silent stretch of the log counts this much at most: the pipe may have been blocked. */
const GAP_MS = 5_000

export type StreamClock = {
  /** A record with this broker timestamp was read. */
  read(timestampMs: number): void
  /** A fetch answered and there was nothing more to read; call it for every such fetch. */
  idle(wallMs: number): void
  /** Milliseconds on this clock, comparable with itself only. */
  now(): number
}

export function createStreamClock(): StreamClock {
  let elapsed = 0
  let last: number | undefined
  const advance = (toMs: number) => {
    if (last !== undefined && toMs > last) elapsed += Math.min(toMs - last, GAP_MS)
    if (last === undefined || toMs > last) last = toMs
  }
  return { read: advance, idle: advance, now: () => elapsed }
}
