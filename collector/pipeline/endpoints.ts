// Endpoint names for the hot path: the same few paths come again and again, so their names are remembered, boundedly, and
// the learner is asked again only now and then, with how often the path came meanwhile.
import { createEndpointLearner, type EndpointLearner } from '../core/learned-endpoint.ts'

export type Endpoints = {
  endpointOf(route: string, method: string, uri: string): string
  /** Templates that were learned since they were last taken, by route: to be stored. */
  takeLearned(): { route: string; template: string }[]
}

const MAX_REMEMBERED = 20_000
const MAX_ENDPOINTS = 500
const MAX_ROUTES = 5_000
const ASK_EVERY = 16

const NONE: readonly string[] = []

type Remembered = { name: string; times: number; changes: number }

/** `templates`: what was learned before, by route; `givenOf`: what a route itself says, the same array until it changes. */
export function createEndpoints(
  templates: ReadonlyMap<string, readonly string[]> = new Map(),
  givenOf: (route: string) => readonly string[] = () => NONE,
): Endpoints {
  const learners = new Map<string, { learner: EndpointLearner; given: readonly string[] }>()
  const taken = new Map<string, number>()
  let remembered = new Map<string, Remembered>()

  const learnerOf = (route: string): EndpointLearner => {
    const known = learners.get(route)
    const given = givenOf(route)
    if (known && known.given === given) return known.learner
    const learned = known ? learnedAlone(known.learner) : (templates.get(route) ?? [])
    const learner = createEndpointLearner({ limit: MAX_ENDPOINTS, templates: [...given, ...learned] })
    // Names that were remembered under other templates would come again.
    if (known) remembered = new Map()
    if (known || learners.size < MAX_ROUTES) learners.set(route, { learner, given })
    return learner
  }

  return {
    endpointOf(route, method, uri) {
      const key = `${method} ${uri} ${route}`
      const learner = learnerOf(route)
      const known = remembered.get(key)
      if (known !== undefined && known.changes === learner.changes() && known.times < ASK_EVERY) {
        known.times += 1
        return known.name
      }
      const name = learner.endpointOf(method, uri, known?.times ?? 1)
      if (remembered.size >= MAX_REMEMBERED) remembered = new Map()
      remembered.set(key, { name, times: 1, changes: learner.changes() })
      return name
    },
    takeLearned() {
      return [...learners].flatMap(([route, { learner }]) => {
        if ((taken.get(route) ?? 0) === learner.changes()) return []
        taken.set(route, learner.changes())
        return learnedAlone(learner).map((template) => ({ route, template }))
      })
    },
  }
}

/** Without what the route gave, by its names: that holds only as long as the route says it. */
function learnedAlone(learner: EndpointLearner): string[] {
  return learner.learned().filter((template) => !/\{(?!value\}|id\})[^{}]*\}/.test(template))
}
