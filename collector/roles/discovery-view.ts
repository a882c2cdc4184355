// Puts together what discovery shows: Traefik as it was found, the containers behind it, the pairs, and what is wrong.
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Discovery } from '../api/discovery-schemas.ts'
import type { LabelDiscovery } from './label-discovery.ts'

/** `found`: what the first Traefik has; undefined before it answered. */
export function discoveryView(
  traefiks: Discovery['traefiks'],
  found: Discovered | undefined,
  labels: Pick<LabelDiscovery, 'outcome' | 'images' | 'docker'>,
): Discovery {
  const { pairs, proposals, problems } = labels.outcome()
  const images = Map.groupBy(labels.images(), ({ service }) => service)
  return {
    traefiks,
    docker: labels.docker(),
    entryPoints: (found?.entryPoints ?? []).map(({ name, address, isDefault }) => ({ name, address, isDefault })),
    routers: (found?.routers ?? []).map((router) => ({
      name: router.name,
      rule: router.rule,
      priority: router.priority,
      entryPoints: router.entryPoints,
      service: router.service,
      middlewares: router.middlewares,
      status: router.status,
      errors: router.errors ?? [],
    })),
    services: (found?.services ?? []).map(({ name, type, status, servers }) => ({
      name,
      provider: name.slice(name.lastIndexOf('@') + 1),
      type,
      status,
      servers,
      images: (images.get(name) ?? []).map(({ container, image, imageId, version }) => ({
        container,
        image,
        imageId,
        version,
      })),
    })),
    pairs,
    proposals,
    problems: [...problems, ...refusedRouters(found)],
  }
}

function refusedRouters(found: Discovered | undefined): Discovery['problems'] {
  const refused = (found?.routers ?? []).filter(({ errors }) => errors !== undefined && errors.length > 0)
  return refused.map(({ name, errors }) => ({
    where: `router ${name}`,
    what: errors?.join('; ') ?? '',
    mend: 'Traefik does not use this router: correct what it names',
  }))
}
