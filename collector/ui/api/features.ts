// What this server offers, by its own list of addresses: a page shows only what it can do.
import { useQuery } from '@tanstack/react-query'
import { featuresQuery } from './queries.ts'

/** `get /api/v1/routes/{name}/report`, as OpenAPI writes it. */
export type Feature = `${'get' | 'post' | 'put' | 'patch' | 'delete'} /${string}`

export type Features = { isKnown: boolean; has(feature: Feature): boolean }

export function useFeatures(): Features {
  const { data } = useQuery({ ...featuresQuery, select: offeredBy })
  return { isKnown: data !== undefined, has: (feature) => data?.has(feature) ?? false }
}

/** `GET /api/status` → `get /api/status`. */
function offeredBy({ addresses }: { addresses: Record<string, string> }): Set<string> {
  return new Set(Object.keys(addresses).map((address) => address.replace(/^[A-Z]+/, (method) => method.toLowerCase())))
}
