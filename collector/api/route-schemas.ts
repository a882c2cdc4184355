// What the API says of routes and takes for them. What a route's fields may hold is plugin-config's matter: `parseRoute`
// reads every body, so that a file, a flag and a request are refused for the same reasons in the same words.
import { z } from 'zod'
import { routeSchema } from '../../plugin-config/route-schema.ts'
import { count, name, time } from './schemas.ts'

const overlayStates = ['applied', 'pending', 'refused', 'waiting', 'off'] as const
const managers = ['file', 'rest', 'flags', 'label', 'external'] as const

const route = z.looseObject({ name: z.string() })

export const RouteView = name(
  'Route',
  route.extend({
    version: count.describe('also the ETag; 0 where nobody here keeps versions (`external`)'),
    managedBy: z
      .enum(managers)
      .describe(
        '`rest` and `flags` can be changed here; `file` in the routes file, `label` at the container, `external` in Traefik',
      ),
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
    updatedBy: z.string().nullable(),
    state: z
      .enum(overlayStates)
      .describe('what became of the overlay in Traefik; `pending`: changed, and not confirmed by Traefik yet'),
    reason: z.string().nullable().describe('why it is refused, pending, waits or is off'),
  }),
)
export const RoutePage = name('RoutePage', z.object({ items: z.array(RouteView), nextCursor: z.null() }))

/** With `dryRun`: nothing is changed. */
export const RoutePreview = name(
  'RoutePreview',
  z.object({
    route: route.nullable().describe('as it would be; null where it would be deleted'),
    before: z.string().nullable().describe("YAML of this route's part of Traefik's configuration; null: none"),
    after: z.string().nullable(),
    diff: z.string().describe('unified diff of the two; empty where nothing changes'),
    notes: z.array(z.string()).describe('what the preview could not know'),
  }),
)
export const RouteAnswer = z.union([RouteView, RoutePreview])

export const RouteVersion = z.object({
  version: count,
  at: time,
  actor: z.string(),
  action: z.enum(['created', 'changed', 'deleted', 'restored']),
  managedBy: z.string(),
  route: z.unknown().describe('as it was then; of a deleted one, as it was last'),
})
export const RouteVersionPage = name(
  'RouteVersionPage',
  z.object({ items: z.array(RouteVersion), nextCursor: z.null() }),
)

export const Applied = name(
  'Applied',
  z.object({
    items: z.array(
      z.object({
        name: z.string(),
        action: z.enum(['create', 'change', 'unchanged', 'delete']),
        diff: z.string().describe('unified diff of the route'),
        traefik: z.string().describe("unified diff of its part of Traefik's configuration"),
      }),
    ),
    dryRun: z.boolean(),
  }),
)

/** `true` and `false` in a query. */
export const dryRun = z
  .enum(['true', 'false'], 'true or false')
  .transform((text) => text === 'true')
  .pipe(z.boolean())
  .default(false)
  .describe('true: answer what would change in Traefik, and change nothing')

const writtenRoute = z.looseObject({}, 'a route as a JSON object')
/** A route with a descriptor set in it is the longest. */
export const ROUTE_LIMIT_BYTES = 320 * 1024

export const RouteBody = writtenRoute
export const RestoreBody = z.strictObject({ version: z.int('a version, a whole number').min(1, 'a version from 1 on') })
export const ApplyBody = z.strictObject({
  routes: z.array(z.unknown(), 'a list of routes').max(2000, 'at most 2000 routes'),
  dryRun: z.boolean('true or false').default(false),
  prune: z.boolean('true or false').default(false).describe('true: routes that are not in the list go'),
})
/** What OpenAPI shows for `RouteBody`. */
export const shownRoute = routeSchema
export const shownPatch = routeSchema.partial()

export type RouteView = z.output<typeof RouteView>
export type RoutePreview = z.output<typeof RoutePreview>
export type RouteVersion = z.output<typeof RouteVersion>
export type Applied = z.output<typeof Applied>
