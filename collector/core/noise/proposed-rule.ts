// The rule that would cover noisy units of one place, kind and shape.
import { DEFAULT_SKEW_MS, type Rule, type Treatment } from '../../../plugin-config/rules.ts'
import { ruleLimits } from '../../../plugin-config/rules-schema.ts'
import type { Difference } from '../comparison.ts'
import { numberOf } from '../rules/value-shape.ts'
import type { ChangeShape } from './change-shape.ts'
import type { UnitTally } from './control-tally.ts'

/** `units` differ in their endpoints alone. The rule speaks of these, or of all where there are too many to name. */
export function proposedRule(shape: ChangeShape, units: readonly UnitTally[]): Rule {
  const [first] = units
  const { path, kind } = first?.unit ?? { path: '', kind: 'changed' as const }
  const treat = treatmentFor(shape, units)
  const endpoints = units.map(({ unit }) => unit.endpoint).filter((endpoint) => endpoint.includes(' /'))
  const isNamed = endpoints.length === units.length && endpoints.length <= ruleLimits.endpoints
  return {
    name: `${treat.as} ${path === '' ? 'body' : path}${treat.as === 'ignore' ? ` ${kind}` : ''}`.slice(0, 80),
    at: [path],
    treat,
    endpoints: isNamed ? endpoints : [],
    kinds: treat.as === 'ignore' ? [kind] : [],
    comment: 'proposed from control comparisons',
  }
}

function treatmentFor(shape: ChangeShape, units: readonly UnitTally[]): Treatment {
  switch (shape) {
    case 'uuid':
    case 'ulid':
    case 'token':
    case 'counter':
    case 'url-host':
      return { as: shape }
    case 'timestamp':
      return { as: 'timestamp', skewMs: skewFor(units) }
    case 'reordered':
      return { as: 'unordered' }
    case 'number':
      return { as: 'number', percent: percentFor(units) }
    default:
      return { as: 'ignore' }
  }
}

/** Twice what was seen: control and shadow wait their turn behind the primary alike, the shadow may be slower. */
function skewFor(units: readonly UnitTally[]): number {
  const seen = Math.max(...units.map(({ maxSkewMs }) => maxSkewMs))
  return Math.min(ruleLimits.skewMs, Math.max(DEFAULT_SKEW_MS, Math.ceil(seen / 1_000) * 2_000))
}

/** Twice the widest example, in whole percents. */
function percentFor(units: readonly UnitTally[]): number {
  const widths = units.flatMap(({ examples }) => examples.map(({ difference }) => widthOf(difference)))
  return Math.min(100, Math.max(1, Math.ceil(Math.max(...widths) * 2)))
}

function widthOf({ primary, shadow }: Difference): number {
  const [one, two] = [numberOf(primary ?? null), numberOf(shadow ?? null)]
  if (one === null || two === null) return 100
  return (100 * Math.abs(one - two)) / Math.max(Math.abs(one), Math.abs(two), Number.MIN_VALUE)
}
