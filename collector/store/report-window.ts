// The window of a report, and how it is read: whole hours from the counts by hour, its two ends from those by minute.

/** Unix milliseconds; both ends are cut down to whole minutes. */
export type ReportWindow = { fromMs?: number; toMs?: number }

/** Six bounds for a query: hours from and to, then minutes from and to at the beginning and at the end. */
export type WindowBounds = (Date | string)[]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export function windowBounds({ fromMs, toMs }: ReportWindow): WindowBounds {
  const from = fromMs === undefined ? -Infinity : floor(fromMs, MINUTE_MS)
  const to = toMs === undefined ? Infinity : floor(toMs, MINUTE_MS)
  const firstHour = from === -Infinity ? from : floor(from + HOUR_MS - 1, HOUR_MS)
  const lastHour = to === Infinity ? to : floor(to, HOUR_MS)
  // Within one hour there is no whole one: all of it is read by minute, once.
  const bounds =
    firstHour > lastHour ? [from, from, from, to, to, to] : [firstHour, lastHour, from, firstHour, lastHour, to]
  return bounds.map((ms) => (ms === Infinity ? 'infinity' : ms === -Infinity ? '-infinity' : new Date(ms)))
}

/** Rows of both tables in the window; `$1` is the route and `$2` to `$7` are the bounds. */
export function inWindow(tables: { hours: string; minutes: string; columns: string }): string {
  const { hours, minutes, columns } = tables
  const byMinute = (from: number) =>
    `SELECT ${columns} FROM ${minutes} WHERE route = $1 AND minute >= $${from} AND minute < $${from + 1}`
  return `SELECT ${columns} FROM ${hours} WHERE route = $1 AND hour >= $2 AND hour < $3
    UNION ALL ${byMinute(4)} UNION ALL ${byMinute(6)}`
}

function floor(ms: number, unitMs: number): number {
  return Math.floor(ms / unitMs) * unitMs
}
