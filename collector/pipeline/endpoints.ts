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

type Remembered = { name: string; times: number; changes: number }

/** `templates`: what was learned before, by route. */
export function createEndpoints(templates: ReadonlyMap<string, readonly string[]> = new Map()): Endpoints {
  const learners = new Map<string, EndpointLearner>()
  const taken = new Map<string, number>()
  let remembered = new Map<string, Remembered>()

  const learnerOf = (route: string): EndpointLearner => {
    const known = learners.get(route)
    if (known) return known
    const learner = createEndpointLearner({ limit: MAX_ENDPOINTS, templates: templates.get(route) ?? [] })
    if (learners.size < MAX_ROUTES) learners.set(route, learner)
    return learner
  }

  return {
    endpointOf(route, method, uri) {
      const key = `${method} ${uri} ${route}`
      const known = remembered.get(key)
      const learner = learnerOf(route)
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
      return [...learners].flatMap(([route, learner]) => {
        if ((taken.get(route) ?? 0) === learner.changes()) return []
        taken.set(route, learner.changes())
        return learner.learned().map((template) => ({ route, template }))
      })
    },
  }
}
