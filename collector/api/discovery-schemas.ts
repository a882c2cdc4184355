// What the API says of discovery: what Traefik and Docker have, which services pair by name, and what is wrong with it.
import { z } from 'zod'
import { count, name, time } from './schemas.ts'

const status = z.enum(['enabled', 'warning', 'disabled'])

export const DiscoveryProblem = name(
  'DiscoveryProblem',
  z.object({
    where: z.string().describe('a container, a label, a router or a service'),
    what: z.string(),
    mend: z.string().describe('what a person can do about it'),
  }),
)

export const Discovery = name(
  'Discovery',
  z.object({
    traefiks: z.array(
      z.object({
        name: z.string(),
        provider: z.enum(['file', 'http']).describe('how it gets what is rendered'),
        url: z.string(),
        version: z.string().nullable(),
        reachable: z.boolean(),
        confirmed: z.boolean().describe('it runs exactly what was rendered'),
        detail: z.string().nullable(),
        runs: z.string().nullable().describe('the revision that it runs instead of the one that is in place'),
        drift: z
          .object({ kind: z.enum(['changed', 'deleted', 'revision']), count, at: time })
          .nullable()
          .describe('when what was rendered was last found changed, deleted or gone back by another hand, and mended'),
      }),
    ),
    docker: z
      .object({ host: z.string(), reachable: z.boolean(), detail: z.string(), containers: count })
      .nullable()
      .describe('null without UNDERSTUDY_DOCKER_HOST: services pair by name, and labels are not read'),
    entryPoints: z.array(z.looseObject({ name: z.string(), address: z.string(), isDefault: z.boolean() })),
    routers: z.array(
      z.object({
        name: z.string(),
        rule: z.string(),
        priority: z.number(),
        entryPoints: z.array(z.string()),
        service: z.string(),
        middlewares: z.array(z.string()),
        status,
        errors: z.array(z.string()).describe("Traefik's own words about a router that it does not use"),
      }),
    ),
    services: z.array(
      z.object({
        name: z.string(),
        provider: z.string(),
        type: z.string(),
        status,
        servers: z.record(z.string(), z.string()).describe('URL of each server, and what Traefik says of it'),
        images: z
          .array(
            z.object({ container: z.string(), image: z.string(), imageId: z.string(), version: z.string().nullable() }),
          )
          .describe('of its containers, where Docker is read'),
      }),
    ),
    pairs: z.array(
      z.object({
        primary: z.string().nullable(),
        shadow: z.string(),
        variant: z.string(),
        state: z.enum(['paired', 'ambiguous', 'unpaired']),
        reason: z.string().nullable(),
        candidates: z.array(z.string()).describe('the services that might be its primary'),
        route: z.string().nullable().describe('the route that mirrors it'),
      }),
    ),
    proposals: z.array(
      z.object({ route: z.string(), field: z.literal('control'), value: z.number(), reason: z.string() }),
    ),
    problems: z.array(DiscoveryProblem),
  }),
)

export type DiscoveryProblem = z.output<typeof DiscoveryProblem>
export type Discovery = z.output<typeof Discovery>
