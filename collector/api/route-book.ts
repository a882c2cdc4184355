// What the API needs to show and change routes, and the rules of changing them: who may, on which version, to what.
import type { ExternalRoute } from '../../plugin-config/discovered.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import type { Problem } from '../../plugin-config/problem.ts'
import type { RenderInput } from '../../plugin-config/render-traefik.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { routeDocument } from '../../plugin-config/route-document.ts'
import type { AcceptedControlStore } from '../store/accepted-control-store.ts'
import type { RouteEntry, RouteStore } from '../store/route-store.ts'
import { type FieldError, HttpProblem } from './problem.ts'
import type { RouteView } from './route-schemas.ts'

type OverlayState = Pick<RouteView, 'state' | 'reason'>

export type RouteBook = Pick<RouteStore, 'change' | 'versions'> & {
  /** False until the routes were read from the database. */
  isKnown(): boolean
  entries(): readonly RouteEntry[]
  /** Routes that nobody manages here: taps attached by hand. */
  external(): readonly ExternalRoute[]
  /** True when the change is known here and carried out in Traefik; false when that takes longer than a few seconds. */
  settle(): Promise<boolean>
  /** What is wrong with where a route's requests would go. */
  targetProblems(route: Route): Promise<Problem[]>
  /** Control traffic that a person accepted for routes of labels, by the primary's service. */
  acceptedControls: AcceptedControlStore['list']
  setAcceptedControl: AcceptedControlStore['set']
  /** What rendering needs besides routes; undefined while nothing is known of Traefik. */
  renderInput(): Omit<RenderInput, 'routes'> | undefined
}

export function entryView(entry: RouteEntry, state: OverlayState): RouteView {
  const { version, managedBy, createdAt, updatedAt, updatedBy } = entry
  return { ...routeDocument(entry.route), version, managedBy, createdAt, updatedAt, updatedBy, ...state }
}

export function externalView({ name, reason, ...rest }: ExternalRoute): RouteView {
  const unknown = { version: 0, createdAt: null, updatedAt: null, updatedBy: null }
  return { name, ...rest, ...unknown, managedBy: 'external', state: 'applied', reason }
}

export const etagOf = (version: number) => `"${version}"`

/** @throws HttpProblem 428 without If-Match (unless `optional`), 412 where it names no version that is there */
export function requireVersion(ifMatch: string | undefined, entry: RouteEntry, optional = false): void {
  const headers = { ETag: etagOf(entry.version) }
  if (ifMatch === undefined) {
    if (optional) return
    const detail = `send If-Match: ${etagOf(entry.version)} (the ETag that was read), so that nobody's change is lost`
    throw new HttpProblem('precondition-required', detail, { headers })
  }
  const named = ifMatch.split(',').map((tag) => tag.trim())
  // A weak tag never matches here (RFC 9110): only the very same version may be written over.
  if (named.includes('*') || named.includes(etagOf(entry.version))) return
  const detail = `route ${entry.route.name} is at version ${entry.version} (by ${entry.updatedBy}, ${entry.updatedAt}), not ${ifMatch.slice(0, 60)}: read it again and repeat the change`
  throw new HttpProblem('precondition-failed', detail, { headers })
}

const mends: Record<string, string> = {
  file: 'the routes file manages it: change it there (it is read again within a second)',
  label: 'labels at its container manage it: change them there, or make a route of another name here',
}

/** @throws HttpProblem 409 for a route that is managed elsewhere */
export function requireEditable(entry: RouteEntry): void {
  const mend = mends[entry.managedBy]
  if (mend !== undefined)
    throw new HttpProblem('managed-elsewhere', `route ${entry.route.name} cannot be changed here: ${mend}`)
}

/** @throws HttpProblem 409 for the name of taps that are attached by hand */
export function requireNotExternal(book: RouteBook, name: string): void {
  if (!book.external().some((each) => each.name === name)) return
  const mend = "taps in Traefik's own configuration make it: change it there, or give the route here another name"
  throw new HttpProblem('managed-elsewhere', `route ${name} cannot be changed here: ${mend}`)
}

/** Reads a route as written; `name` is the one in the address. @throws HttpProblem 400 with a pointer for each problem */
export async function readRoute(
  book: RouteBook,
  written: unknown,
  options: { name?: string; pointer?: string } = {},
): Promise<Route> {
  const { name, pointer = '/body' } = options
  const named = name !== undefined && isRecord(written) && !('name' in written) ? { name, ...written } : written
  const parsed = parseRoute(named, 'rest')
  if (!parsed.ok) throw invalid(parsed.problems, pointer)
  if (name !== undefined && parsed.route.name !== name)
    throw invalid(
      [{ pointer: '/name', message: `a route keeps its name: expected ${name}, got ${parsed.route.name}` }],
      pointer,
    )
  const problems = await book.targetProblems(parsed.route)
  if (problems.length > 0) throw invalid(problems, pointer)
  return parsed.route
}

function invalid(problems: readonly Problem[], pointer: string): HttpProblem {
  const errors: FieldError[] = problems
    .slice(0, 20)
    .map((each) => ({ pointer: `${pointer}${each.pointer}`, message: each.message }))
  const text = errors.map((each) => `${each.pointer.slice(pointer.length) || 'the route'}: ${each.message}`).join('; ')
  return new HttpProblem('invalid-route', text.slice(0, 2000), { errors })
}
