// Endpoint names for the hot path: the same few paths come again and again, so their names are remembered, boundedly.
import { createEndpointRegistry, endpointOf } from '../core/endpoint.ts'

const MAX_REMEMBERED = 20_000
const MAX_ENDPOINTS = 500

export function createEndpoints() {
  const registries = new Map<string, ReturnType<typeof createEndpointRegistry>>()
  let remembered = new Map<string, string>()
  return {
    endpointOf(route: string, method: string, uri: string): string {
      const key = `${method} ${uri} ${route}`
      const known = remembered.get(key)
      if (known !== undefined) return known
      let registry = registries.get(route)
      if (!registry) {
        registry = createEndpointRegistry({ limit: MAX_ENDPOINTS })
        registries.set(route, registry)
      }
      const name = registry.admit(endpointOf(method, uri))
      if (remembered.size >= MAX_REMEMBERED) remembered = new Map()
      remembered.set(key, name)
      return name
    },
  }
}
