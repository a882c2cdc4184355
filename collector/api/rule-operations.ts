// Rules of a route: what holds, what the control proposes, what one would hide; made and taken away over REST.
import { z } from 'zod'
import { parseRule, type Rule, writtenRule } from '../../plugin-config/rules.ts'
import { previewRule } from '../core/rules/preview-rule.ts'
import type { KnownRule } from './difference-parts.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { noiseView, proposalsOf, proposalView, ruleView } from './present-rules.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { requireRoute } from './route-named.ts'
import * as said from './rule-schemas.ts'

type Parts = Pick<ApiParts, 'routes' | 'differences' | 'now'>

const params = z.strictObject({ name: fields.route })
const id = z.string('an id').regex(/^[\w:. -]{1,300}$/, "a rule's id, as the list of rules tells it")
/** Comparisons that a preview looks at. */
const PREVIEWED = 2_000
const SHOWN = 20
/** Who did it, as the audit has it. */
const ACTOR = 'rest'

export function ruleOperations(parts: Parts): Operation[] {
  const { rules, controlTally, record } = parts.differences

  /** Adds the rule, tells the audit, and answers with it as the list would. */
  async function add(route: string | null, rule: Rule, kind: string): Promise<said.RuleView> {
    const added = await rules.add({ route, rule, createdAtMs: parts.now(), createdBy: ACTOR })
    const where = route === null ? 'for every route' : `on route ${route}`
    if (added === 'taken') {
      throw new HttpProblem('exists', `there is a rule named ${rule.name} ${where}: give this one another name`)
    }
    if (added === 'full') {
      throw new HttpProblem('limit-reached', `there are as many rules ${where} as there may be: take one away first`)
    }
    await record({
      kind,
      route,
      actor: ACTOR,
      details: { before: null, after: { id: added.id, ...writtenRule(rule) } },
    })
    await rules.refresh()
    return ruleView({ ...added, managedBy: 'rest' }, new Map(), parts.now())
  }

  async function proposed(route: string) {
    const tally = await controlTally(route)
    const held = rules.listOf(route).map(({ rule }) => rule)
    return { tally, proposals: proposalsOf(tally, held, parts.now()) }
  }

  return [
    operation({
      id: 'listRules',
      method: 'get',
      path: '/api/v1/routes/{name}/rules',
      summary: 'Rules that hold on a route, rules that its control proposes, and the noise it has shown',
      tag: 'rules',
      params,
      answer: said.RuleList,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name } }) {
        requireRoute(parts, name)
        await rules.refresh()
        const [hides, { tally, proposals }] = await Promise.all([rules.hides(name), proposed(name)])
        return {
          items: rules.listOf(name).map((known) => ruleView(known, hides, parts.now())),
          proposals: proposals.map(proposalView),
          noise: noiseView(tally),
        } satisfies said.RuleList
      },
    }),
    operation({
      id: 'addRule',
      method: 'post',
      path: '/api/v1/routes/{name}/rules',
      summary: 'Add a rule to a route, or to every route (all=true)',
      tag: 'rules',
      params,
      query: z.strictObject({ all: z.enum(['true'], 'true').optional().describe('it holds on every route') }),
      body: said.RuleBody,
      shownBody: said.shownRule,
      status: 201,
      answer: said.RuleView,
      problems: ['not-found', 'invalid-rule', 'exists', 'limit-reached', 'unavailable'],
      async handle({ params: { name }, query: { all }, body, response }) {
        requireRoute(parts, name)
        const rule = readRule(body)
        const view = await add(all === undefined ? name : null, rule, 'rule.added')
        response.status(201).set('Location', `/api/v1/routes/${name}/rules/${view.id}`)
        return view
      },
    }),
    operation({
      id: 'previewRule',
      method: 'post',
      path: '/api/v1/routes/{name}/rules/preview',
      summary: 'What a rule would hide of the newest differing comparisons; nothing is changed',
      tag: 'rules',
      params,
      body: said.RuleBody,
      shownBody: said.shownRule,
      answer: said.RulePreview,
      problems: ['not-found', 'invalid-rule', 'unavailable'],
      async handle({ params: { name }, body }) {
        requireRoute(parts, name)
        const rule = readRule(body)
        const past = await rules.past(name, PREVIEWED)
        const { different, hidden, touched, hiddenIds, real } = previewRule(rule, past, SHOWN)
        return {
          ...{ hides: hidden, of: different, touched, hidden: hiddenIds },
          stillReal: [...new Set(real.map(({ exchangeId }) => exchangeId))],
        } satisfies said.RulePreview
      },
    }),
    operation({
      id: 'acceptProposal',
      method: 'post',
      path: '/api/v1/routes/{name}/rules/proposals/{id}/accept',
      summary: 'Make a rule of what the control proposes',
      tag: 'rules',
      params: z.strictObject({ name: fields.route, id }),
      status: 201,
      answer: said.RuleView,
      problems: ['not-found', 'exists', 'limit-reached', 'unavailable'],
      async handle({ params: { name, id: proposalId }, response }) {
        requireRoute(parts, name)
        await rules.refresh()
        const found = (await proposed(name)).proposals.find((one) => one.id === proposalId)
        if (found === undefined) {
          const detail = `route ${name} has no proposal ${proposalId}: GET /api/v1/routes/${name}/rules lists them`
          throw new HttpProblem('not-found', detail)
        }
        const rule = { ...found.rule, comment: `${found.rule.comment ?? 'proposed'}: ${found.reason}`.slice(0, 1_000) }
        const view = await add(name, rule, 'rule.accepted')
        response.status(201).set('Location', `/api/v1/routes/${name}/rules/${view.id}`)
        return view
      },
    }),
    // Behind `preview`, which would be an id otherwise.
    operation({
      id: 'removeRule',
      method: 'delete',
      path: '/api/v1/routes/{name}/rules/{id}',
      summary: 'Take a rule away; what it covered counts again, in new comparisons',
      tag: 'rules',
      params: z.strictObject({ name: fields.route, id }),
      status: 204,
      answer: said.RuleView,
      problems: ['not-found', 'managed-elsewhere', 'unavailable'],
      async handle({ params: { name, id: ruleId }, response }) {
        requireRoute(parts, name)
        await rules.refresh()
        const known = rules.listOf(name).find((one) => one.id === ruleId)
        if (known === undefined) {
          throw new HttpProblem('not-found', `route ${name} has no rule ${ruleId}: GET /api/v1/routes/${name}/rules`)
        }
        await remove(known)
        response.status(204).end()
      },
    }),
  ]

  async function remove({ id: ruleId, route, rule, managedBy }: KnownRule): Promise<void> {
    if (managedBy === 'file') {
      const detail = `rule ${rule.name} cannot be taken away here: the routes file has it; change it there`
      throw new HttpProblem('managed-elsewhere', detail)
    }
    await rules.remove(ruleId)
    const before = { id: ruleId, ...writtenRule(rule) }
    await record({ kind: 'rule.removed', route, actor: ACTOR, details: { before, after: null } })
    await rules.refresh()
  }
}

/** @throws HttpProblem 400 with a pointer for each problem */
function readRule(written: unknown): Rule {
  const parsed = parseRule(written)
  if (parsed.ok) return parsed.rule
  const errors = parsed.problems.slice(0, 20).map(({ pointer, message }) => ({ pointer: `/body${pointer}`, message }))
  const text = errors.map(({ pointer, message }) => `${pointer.slice('/body'.length) || 'the rule'}: ${message}`)
  throw new HttpProblem('invalid-rule', text.join('; ').slice(0, 2_000), { errors })
}
