import { Discovery } from './discovery-schemas.ts'
import { type Operation, operation } from './operation.ts'
import { absent } from './overlay-operations.ts'
import type { ApiParts } from './parts.ts'

export function discoveryOperations(parts: Pick<ApiParts, 'discovery'>): Operation[] {
  return [
    operation({
      id: 'getDiscovery',
      method: 'get',
      path: '/api/v1/discovery',
      summary: 'What Traefik and Docker have, which services pair by their names, and what is wrong with labels',
      tag: 'routes',
      answer: Discovery,
      problems: ['unavailable', 'not-offered'],
      handle: () => (parts.discovery ?? absent('control'))(),
    }),
  ]
}
