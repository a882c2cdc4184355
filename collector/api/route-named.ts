import { nearestName } from '../../plugin-config/nearest-name.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'

/** The route of that name. @throws HttpProblem 404 with the nearest name */
export function requireRoute(parts: Pick<ApiParts, 'routes'>, name: string): { name: string } {
  const routes = parts.routes()
  const route = routes.find((each) => each.name === name)
  if (route) return route
  const near = nearestName(
    name,
    routes.map((each) => each.name),
  )
  const mend = near ? `did you mean ${near}?` : 'GET /api/v1/routes lists them'
  throw new HttpProblem('not-found', `there is no route ${JSON.stringify(name)}: ${mend}`)
}
