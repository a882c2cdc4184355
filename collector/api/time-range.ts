import { HttpProblem } from './problem.ts'

/** Half-open range in Unix milliseconds from RFC 3339 texts. @throws HttpProblem when it would be empty */
export function readTimeRange(from: string | undefined, to: string | undefined): { fromMs?: number; toMs?: number } {
  const range: { fromMs?: number; toMs?: number } = {}
  if (from !== undefined) range.fromMs = Date.parse(from)
  if (to !== undefined) range.toMs = Date.parse(to)
  if (range.fromMs !== undefined && range.toMs !== undefined && range.fromMs >= range.toMs) {
    const message = `from is ${from}, to is ${to}: expected from before to`
    throw new HttpProblem('invalid-parameter', message, { errors: [{ pointer: '/query/from', message }] })
  }
  return range
}
