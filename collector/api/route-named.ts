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

/** A 404 that names the route's shadows. `asked` is undefined where the first one would have done. */
export function noVariant(route: string, asked: string | undefined, variants: readonly string[]): HttpProblem {
  const of = JSON.stringify(route)
  return new HttpProblem(
    'not-found',
    variants.length === 0
      ? `there is no route ${of} and nothing was compared for one: GET /api/v1/routes lists them`
      : `${of} has no shadow ${JSON.stringify(asked)}: it has ${variants.join(', ')}`,
  )
}
