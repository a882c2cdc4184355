// Rules and proposals as the API tells them.
import { createHash } from 'node:crypto'
import { type Rule, writtenRule } from '../../plugin-config/rules.ts'
import type { ControlTally } from '../core/noise/control-tally.ts'
import { type Proposal, proposeRules } from '../core/noise/propose-rules.ts'
import { createRuleSet } from '../core/rules/rule-set.ts'
import { hasEnded } from '../core/rules/until.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { KnownRule } from './difference-parts.ts'
import type * as said from './rule-schemas.ts'

/** Units of noise that a list shows, the noisiest first. */
const MAX_NOISE = 200

export function ruleView(known: KnownRule, hides: ReadonlyMap<string, number>, atMs: number): said.RuleView {
  const { id, route, rule, managedBy, createdAtMs, createdBy } = known
  const { until } = rule
  return {
    id,
    route,
    rule: writtenRule(rule),
    owner: rule.owner ?? null,
    comment: rule.comment ?? null,
    until: until === undefined ? null : 'date' in until ? until.date : until,
    state: hasEnded(until, { atMs }) ? 'expired' : 'active',
    hides: hides.get(rule.name) ?? 0,
    createdAt: createdAtMs === null ? null : new Date(createdAtMs).toISOString(),
    createdBy,
    managedBy,
  }
}

export type IdentifiedProposal = Proposal & { id: string }

/** Those that no rule covers already. An id is the same as long as the rule is. */
export function proposalsOf(tally: ControlTally, rules: readonly Rule[], atMs: number): IdentifiedProposal[] {
  const set = createRuleSet(rules)
  return proposeRules(tally)
    .filter(({ rule, evidence }) => {
      const endpoint = rule.endpoints[0] ?? '* /'
      return !evidence.examples.every(({ difference }) => set.ruleFor(difference, { endpoint, atMs }) !== null)
    })
    .map((proposal) => ({ ...proposal, id: idOf(proposal.rule) }))
}

export function proposalView({ id, rule, reason, evidence }: IdentifiedProposal): said.RuleProposal {
  return {
    id,
    rule: writtenRule(rule),
    reason,
    evidence: {
      endpoint: rule.endpoints.length === 0 ? 'every endpoint' : rule.endpoints.join(', '),
      path: rule.at[0] ?? '',
      kind: evidence.examples[0]?.difference.kind ?? 'changed',
      pairs: evidence.n,
      differing: evidence.k,
      examples: evidence.examples.map(({ exchangeId, difference }) => ({
        comparison: `${exchangeId}:${CONTROL_VARIANT}`,
        primary: difference.primary,
        control: difference.shadow,
      })),
    },
  }
}

export function noiseView({ pairs, units }: ControlTally): said.RuleList['noise'] {
  return [...units.values()]
    .map(({ unit, pairs: seen }) => {
      const of = pairs.get(unit.endpoint) ?? 0
      return { ...unit, controlRate: of === 0 ? 0 : Math.min(1, seen / of), pairs: of }
    })
    .sort((one, two) => two.controlRate - one.controlRate)
    .slice(0, MAX_NOISE)
}

function idOf({ comment: _comment, ...rule }: Rule): string {
  return createHash('sha256').update(JSON.stringify(rule)).digest('hex').slice(0, 16)
}
