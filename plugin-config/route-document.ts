// A route as a document: what is stored, shown and patched, in one order of its fields whatever they came in.
import { stringify } from 'yaml'
import { isRecord } from './is-record.ts'
import { type Route, routeDefaults } from './route.ts'

const ORDER = [
  ...['name', 'rule', 'entryPoints', 'priority', 'primary', 'shadows', 'control', 'share', 'stickyBy', 'methods'],
  ...[
    'operations',
    'endpoints',
    'protobuf',
    'store',
    'exposeId',
    'enabled',
    'protect',
    'captureBytes',
    'maxBodySize',
    'redact',
    'rules',
  ],
]

/** What a view of a route tells besides the route's own fields. */
const VIEW_FIELDS = ['version', 'managedBy', 'createdAt', 'updatedAt', 'updatedBy', 'state', 'reason']

/** A view without those: a client may send back, or apply, what it read. */
export function withoutView(view: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(view).filter(([field]) => !VIEW_FIELDS.includes(field)))
}

export type RouteDocument = { name: string } & Record<string, unknown>

/** Every field; what is not set is left out. `parseRoute` reads it back to the same. */
export function routeDocument(route: Route): RouteDocument {
  const given = Object.entries(route).filter(([, value]) => value !== undefined)
  const place = (key: string) => (ORDER.indexOf(key) < 0 ? ORDER.length : ORDER.indexOf(key))
  const sorted = given.sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
  return Object.fromEntries(sorted) as RouteDocument
}

/** As a person would write it into a file: fields that say what they would without being written are left out. */
export function writtenRoute(route: Route): RouteDocument {
  const defaults: Record<string, unknown> = routeDefaults('file')
  const said = Object.entries(routeDocument(route)).filter(([key, value]) => !isSame(value, defaults[key]))
  const written = Object.fromEntries(said) as RouteDocument
  return {
    ...written,
    shadows: route.shadows.map(({ sandbox, ...shadow }) => (sandbox ? { ...shadow, sandbox } : shadow)),
  }
}

/** A routes file with these routes, as YAML. */
export function routesFileText(routes: readonly Route[]): string {
  return stringify({ routes: routes.map(writtenRoute) }, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** True for two documents with the same content, whatever the order of their keys. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const [ours, theirs] = [Object.entries(left), new Map(Object.entries(right))]
  return ours.length === theirs.size && ours.every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key)))
}

/** RFC 7396: `null` takes a field away, an object is merged, anything else replaces. Neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged = new Map(isRecord(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/**
 * What the flags say now, over what a person made of what they said before: fields in which the flags changed take the
 * new value, the others stay as the person left them.
 */
export function mergeSeed(current: Route, before: Record<string, unknown>, seed: Route): Record<string, unknown> {
  const merged = new Map(Object.entries(routeDocument(current)))
  const wanted = new Map(Object.entries(routeDocument(seed)))
  for (const key of new Set([...Object.keys(before), ...wanted.keys()])) {
    if (isSame(before[key], wanted.get(key))) continue
    if (wanted.has(key)) merged.set(key, wanted.get(key))
    else merged.delete(key)
  }
  return Object.fromEntries(merged)
}
