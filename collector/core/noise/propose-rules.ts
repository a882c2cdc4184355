// Rules that control comparisons suggest, each with what speaks for it. A person accepts them; nothing is applied here.
import type { Rule } from '../../../plugin-config/rules.ts'
import { pathProblem } from '../../../plugin-config/rules-path.ts'
import type { ChangeShape } from './change-shape.ts'
import type { ControlTally, UnitExample, UnitTally } from './control-tally.ts'
import { proposedRule } from './proposed-rule.ts'

export type Proposal = {
  rule: Rule
  evidence: {
    /** Control pairs of the endpoints, and those of them in which the unit was seen. */
    n: number
    k: number
    examples: UnitExample[]
  }
  /** In words: `seen in 12 of 40 control pairs, a uuid on both sides each time`. */
  reason: string
}

export type ProposalOptions = {
  /** Control pairs of an endpoint before anything is proposed for it. */
  minPairs?: number
  /** Sightings before a field without a known shape is proposed to be ignored. */
  minSightings?: number
  maxProposals?: number
}

/** The surest first: fields of a known shape before others, then the noisier. One for all endpoints that show the same. */
export function proposeRules(tally: ControlTally, options: ProposalOptions = {}): Proposal[] {
  const { minPairs = 20, minSightings = 3, maxProposals = 100 } = options
  const groups = new Map<string, Group>()
  for (const one of tally.units.values()) {
    const n = tally.pairs.get(one.unit.endpoint) ?? 0
    const shape = shapeOfUnit(one)
    const { path, kind } = one.unit
    if (n < minPairs || (shape === 'mixed' && one.pairs < minSightings) || pathProblem(path) !== undefined) continue
    const key = `${shape} ${kind} ${path}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { shape, n, units: [one] })
    else {
      group.n += n
      group.units.push(one)
    }
  }
  const byWeight = (one: Group, two: Group) =>
    Number(one.shape === 'mixed') - Number(two.shape === 'mixed') || sightings(two) - sightings(one)
  return [...groups.values()].sort(byWeight).slice(0, maxProposals).map(proposal)
}

type Group = { shape: ChangeShape; n: number; units: UnitTally[] }

const sightings = ({ units }: Group) => units.reduce((sum, { pairs }) => sum + pairs, 0)

/** The one shape of all sightings. Tokens may look like words or numbers now and then. */
function shapeOfUnit({ shapes, pairs }: UnitTally): ChangeShape {
  const seen = Object.keys(shapes) as ChangeShape[]
  const [only] = seen
  if (seen.length === 1 && only !== undefined) return only === 'word' ? 'mixed' : only
  const isToken = seen.every((shape) => TOKENS.has(shape)) && (shapes.token ?? 0) * 2 >= pairs
  if (isToken) return 'token'
  return seen.every((shape) => shape === 'number' || shape === 'counter') ? 'number' : 'mixed'
}

const TOKENS = new Set<ChangeShape>(['token', 'word', 'counter', 'ulid'])

function proposal({ shape, n, units }: Group): Proposal {
  const k = units.reduce((sum, { pairs }) => sum + pairs, 0)
  const examples = units.flatMap((unit) => unit.examples).slice(0, 3)
  const rule = proposedRule(shape, units)
  return { rule, evidence: { n, k, examples }, reason: `seen in ${k} of ${n} control pairs${REASONS[shape]}` }
}

const REASONS: Record<ChangeShape, string> = {
  uuid: ', a uuid on both sides each time',
  ulid: ', a ulid on both sides each time',
  timestamp: ', a time on both sides each time',
  counter: ', a whole number on both sides each time',
  token: ', a token on both sides each time',
  'url-host': ', the same URL but for its host each time',
  number: ', a number on both sides each time',
  reordered: ', the same elements in another order each time',
  word: '; its values have no shape that is known',
  mixed: '; its values have no shape that is known',
}
