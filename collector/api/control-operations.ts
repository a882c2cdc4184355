// Accepting what is proposed for a route that comes from labels: control traffic. The labels cannot be changed from
// here, so it is kept beside them, however often the containers come and go.
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { controlOf, controlPercent } from '../../plugin-config/route.ts'
import type { RouteEntry } from '../store/route-store.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { entryView } from './route-book.ts'
import { requireRoute } from './route-named.ts'
import * as said from './route-schemas.ts'

type Parts = Pick<ApiParts, 'routes' | 'routeBook' | 'overlayState'>

const params = z.strictObject({ name: fields.route })
/** As `proposals` of discovery have it, and a route's own default. */
const PROPOSED = { percent: 5, rate: 5 }
const body = z.strictObject({
  percent: z.number().min(0.01).max(100).default(PROPOSED.percent).describe('of the sampled requests'),
  rate: z.number().min(0).max(10_000).default(PROPOSED.rate).describe('requests a second at most; 0: no limit'),
})
const ACTOR = 'rest'
const WITHIN_LOOKS = 50
const EVERY_MS = 100

export function controlOperations(parts: Parts): Operation[] {
  const book = parts.routeBook
  const entryOf = (name: string) => book.entries().find(({ route }) => route.name === name)

  /** The route that labels make. @throws HttpProblem */
  const requireLabelRoute = (name: string): { entry: RouteEntry; service: string } => {
    requireRoute(parts, name)
    const entry = entryOf(name)
    const primary = entry?.route.primary
    if (entry?.managedBy === 'label' && primary && 'service' in primary) return { entry, service: primary.service }
    const mend = `set its control instead: \`understudy routes set ${name} control=${PROPOSED.percent}\``
    throw new HttpProblem('managed-elsewhere', `route ${name} does not come from labels: ${mend}`)
  }

  /** The leader makes the routes of labels anew; until then the answer says `pending`. */
  const shownWhen = async (name: string, isDone: (entry: RouteEntry) => boolean) => {
    for (let looks = 0; looks < WITHIN_LOOKS; looks += 1) {
      await book.settle()
      const entry = entryOf(name)
      if (entry && isDone(entry)) return entryView(entry, parts.overlayState(name))
      await delay(EVERY_MS)
    }
    const { entry } = requireLabelRoute(name)
    return { ...entryView(entry, parts.overlayState(name)), state: 'pending' as const, reason: 'the route follows' }
  }

  return [
    operation({
      id: 'acceptControl',
      method: 'post',
      path: '/api/v1/routes/{name}/control/accept',
      summary: 'Accept control traffic for a route that comes from labels: safe methods only, 5 a second unless said',
      tag: 'routes',
      params,
      body,
      answer: said.RouteView,
      problems: ['not-found', 'managed-elsewhere', 'unavailable'],
      async handle({ params: { name }, body: control }) {
        const { entry, service } = requireLabelRoute(name)
        if (controlPercent(entry.route) > 0 && !(service in (await book.acceptedControls()))) {
          const detail = `a label of route ${name} already says control=${controlPercent(entry.route)}: change it there`
          throw new HttpProblem('managed-elsewhere', detail)
        }
        await book.setAcceptedControl({ service, route: name, control, actor: ACTOR })
        return shownWhen(name, ({ route }) => {
          const { percent, rate } = controlOf(route)
          return percent === control.percent && rate === control.rate
        })
      },
    }),
    operation({
      id: 'withdrawControl',
      method: 'delete',
      path: '/api/v1/routes/{name}/control/accept',
      summary: 'Take accepted control traffic back',
      tag: 'routes',
      params,
      answer: said.RouteView,
      problems: ['not-found', 'managed-elsewhere', 'unavailable'],
      async handle({ params: { name } }) {
        const { service } = requireLabelRoute(name)
        if (!(service in (await book.acceptedControls())))
          throw new HttpProblem('not-found', `nothing was accepted for route ${name}`)
        await book.setAcceptedControl({ service, route: name, control: null, actor: ACTOR })
        return shownWhen(name, ({ route }) => controlPercent(route) === 0)
      },
    }),
  ]
}
