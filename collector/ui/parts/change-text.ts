// An event of the audit in words, and what would undo it. Pure; details are read as what they are: anything.
import type { AcceptedControl, AuditEvent, RouteInput, RuleInput } from '../api/types.ts'
import { changedFields } from './route-draft.ts'
import { placeText, treatText } from './rule-text.ts'

/** The version to bring back, the rule to make again or to take away, the control to have again or none. */
export type WayBack =
  | { kind: 'route'; route: string; version: number }
  | { kind: 'rule-made'; route: string; id: string }
  | { kind: 'rule-removed'; route: string; rule: RuleInput }
  | { kind: 'control'; route: string; control: AcceptedControl | null }

export function wayBack({ kind, route, actor, details }: AuditEvent): WayBack | undefined {
  if (route === null || !isRecord(details)) return undefined
  // What labels made of a route is theirs to change.
  if (actor === 'labels') return undefined
  const { before, after, version } = details
  if (kind.startsWith('route.') && typeof version === 'number' && version > 1 && before !== null)
    return { kind: 'route', route, version: version - 1 }
  if (kind.startsWith('control.'))
    return { kind: 'control', route, control: isRecord(before) ? (before as AcceptedControl) : null }
  if (kind === 'rule.removed' && isRecord(before)) return { kind: 'rule-removed', route, rule: ruleOf(before) }
  if (kind.startsWith('rule.') && isRecord(after) && typeof after.id === 'string')
    return { kind: 'rule-made', route, id: after.id }
  return undefined
}

export function changeText({ kind, details }: AuditEvent): string {
  if (!isRecord(details)) return ''
  const { before, after, reason } = details
  if (kind.startsWith('rule.')) {
    const rule = isRecord(after) ? after : isRecord(before) ? before : undefined
    return rule ? `${placeText(ruleOf(rule))}: ${treatText(rule.treat)}` : ''
  }
  if (kind.startsWith('route.')) {
    if (isRecord(before) && isRecord(after)) return changedFields(before as RouteInput, after as RouteInput)
    return ''
  }
  if (kind.startsWith('control.')) return `${controlText(before)} → ${controlText(after)}`
  if (isRecord(after) && typeof after.verdict === 'string') {
    const from = isRecord(before) && typeof before.verdict === 'string' ? `${before.verdict} → ` : ''
    return `${from}${after.verdict}: ${typeof after.reason === 'string' ? after.reason : ''}`
  }
  return typeof reason === 'string' ? reason : ''
}

function controlText(control: unknown): string {
  if (!isRecord(control)) return 'no control'
  return `control ${control.percent} %, ${control.rate === 0 ? 'as many as come' : `at most ${control.rate} a second`}`
}

function ruleOf({ id: _id, ...rule }: Record<string, unknown>): RuleInput {
  return rule as RuleInput
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
