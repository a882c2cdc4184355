// A route as a form holds it, and what a person changed in it. Pure.
import type { Route, RouteInput, Store, Target } from '../api/types.ts'

export type RouteDraft = {
  name: string
  rule: string
  primary: string
  shadows: { name: string; target: string; sandbox: boolean }[]
  share: string
  control: string
  methods: string[]
  operations: string
  store: 'all' | 'differing' | 'sample'
  sample: string
  exposeId: boolean
  enabled: boolean
  rate: string
  burst: string
  inFlight: string
  timeoutMs: string
}

export const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']

/** What a route has where these are left empty. */
export const protectByItself = { rate: '100', burst: '200', inFlight: '50', timeoutMs: '5000' }

export const emptyDraft: RouteDraft = {
  name: '',
  rule: '',
  primary: '',
  shadows: [{ name: 'shadow', target: '', sandbox: false }],
  share: '10',
  control: '0',
  methods: ['GET', 'HEAD', 'OPTIONS'],
  operations: '',
  store: 'differing',
  sample: '1',
  exposeId: false,
  enabled: true,
  rate: '',
  burst: '',
  inFlight: '',
  timeoutMs: '',
}

export function draftOf(route: RouteInput): RouteDraft {
  const text = (value: number | string | undefined) => (value === undefined ? '' : String(value))
  const { store, control, protect = {} } = route
  return {
    name: route.name,
    rule: text(route.rule),
    primary: targetOf(route.primary),
    shadows: (route.shadows ?? []).map((shadow) => ({
      name: shadow.name,
      target: targetOf(shadow),
      sandbox: shadow.sandbox ?? false,
    })),
    share: text(route.share),
    control: text(typeof control === 'object' ? control.percent : control),
    methods: route.methods ?? [],
    operations: (route.operations ?? []).join('\n'),
    store: typeof store === 'object' ? 'sample' : (store ?? 'differing'),
    sample: text(typeof store === 'object' ? store.sample : 1),
    exposeId: route.exposeId ?? false,
    enabled: route.enabled ?? true,
    rate: text(protect.rate),
    burst: text(protect.burst),
    inFlight: text(protect.inFlight),
    timeoutMs: text(protect.timeoutMs),
  }
}

/** What the draft says, as the API takes it. A field that is no number goes as it was typed: the API says what is wrong. */
export function inputOf(draft: RouteDraft, base?: RouteInput): Record<string, unknown> {
  const protect = numbersOf({
    rate: draft.rate,
    burst: draft.burst,
    inFlight: draft.inFlight,
    timeoutMs: draft.timeoutMs,
  })
  const control = typeof base?.control === 'object' ? { ...base.control, percent: number(draft.control) } : undefined
  return {
    name: draft.name.trim(),
    rule: draft.rule.trim() === '' ? undefined : draft.rule.trim(),
    primary: readTarget(draft.primary),
    shadows: draft.shadows.map(({ name, target, sandbox }) => ({
      name: name.trim(),
      ...readTarget(target),
      ...(sandbox && { sandbox }),
    })),
    share: number(draft.share),
    control: control ?? number(draft.control),
    methods: draft.methods,
    operations: draft.operations.split('\n').flatMap((line) => (line.trim() === '' ? [] : line.trim())),
    store: draft.store === 'sample' ? ({ sample: number(draft.sample) } as Store) : draft.store,
    exposeId: draft.exposeId,
    enabled: draft.enabled,
    protect: Object.keys(protect).length === 0 ? undefined : protect,
  }
}

/** A merge patch (RFC 7396) from one draft to another; empty where they say the same. */
export function patchOf(from: RouteDraft, to: RouteDraft, base: Route): Record<string, unknown> {
  const [before, after] = [inputOf(from, base), inputOf(to, base)]
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(after)) {
    if (key === 'name' || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
    patch[key] = after[key] === undefined ? null : after[key]
  }
  // An object is merged: what is no longer in it has to be taken away by name.
  if ('primary' in patch) patch.primary = withoutOthers(before.primary, after.primary)
  if (patch.protect) patch.protect = withoutOthers(before.protect, after.protect)
  return patch
}

function withoutOthers(before: unknown, after: unknown): Record<string, unknown> {
  const gone = Object.keys((before as object) ?? {}).map((key) => [key, null])
  return { ...Object.fromEntries(gone), ...(after as object) }
}

/** `share 10 → 25, protect.inFlight 50 → 77`. */
export function changedFields(before: RouteInput, after: RouteInput): string {
  return changesOf(before, after, '').join(', ')
}

/** Objects are told by what changed in them: at full length nobody would find it. */
function changesOf(before: object, after: object, within: string): string[] {
  const [one, two] = [before as Record<string, unknown>, after as Record<string, unknown>]
  const keys = [...new Set([...Object.keys(one), ...Object.keys(two)])]
  return keys
    .filter((key) => JSON.stringify(one[key]) !== JSON.stringify(two[key]))
    .flatMap((key) => {
      const [from, to] = [one[key], two[key]]
      if (isFields(from) && isFields(to)) return changesOf(from, to, `${within}${key}.`)
      return [`${within}${key} ${short(from)} → ${short(to)}`]
    })
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function short(value: unknown): string {
  const text = value === undefined ? 'not set' : (JSON.stringify(value) ?? '')
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function targetOf(target: Target | undefined): string {
  return target?.service ?? target?.url ?? ''
}

function readTarget(text: string): Target {
  const given = text.trim()
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? { url: given } : { service: given }
}

function number(text: string): number | string | undefined {
  const given = text.trim()
  if (given === '') return undefined
  const value = Number(given)
  return Number.isFinite(value) ? value : given
}

function numbersOf(fields: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, text]) => {
      const value = number(text)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
