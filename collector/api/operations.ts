// The list of everything that is served besides the UI's own files. Nothing is served that is not in it.
import { auditOperations } from './audit-operations.ts'
import { comparisonOperations } from './comparison-operations.ts'
import { controlOperations } from './control-operations.ts'
import { discoveryOperations } from './discovery-operations.ts'
import { eventOperations } from './event-operations.ts'
import { healthOperations } from './health-operations.ts'
import { historyOperations } from './history-operations.ts'
import { openApiDocument } from './openapi.ts'
import { type Operation, operation } from './operation.ts'
import { overlayOperations } from './overlay-operations.ts'
import { overviewOperations } from './overview-operations.ts'
import type { ApiParts } from './parts.ts'
import { routeApplyOperations } from './route-apply-operations.ts'
import { routeOperations } from './route-operations.ts'
import { routeWriteOperations } from './route-write-operations.ts'
import { ruleOperations } from './rule-operations.ts'
import * as said from './schemas.ts'
import { sessionOperations } from './session-operations.ts'
import type { Sessions } from './sessions.ts'
import { verdictOperations } from './verdict-operations.ts'

export function listOperations(parts: ApiParts, sessions?: Sessions): Operation[] {
  const operations: Operation[] = []
  const about = { version: parts.version, needsToken: parts.adminToken !== undefined }
  let description: ReturnType<typeof openApiDocument> | undefined
  operations.push(
    operation({
      id: 'getIndex',
      method: 'get',
      path: '/',
      summary: 'The addresses served here',
      tag: 'about',
      answer: said.Index,
      handle: () => ({ name: 'Understudy', version: parts.version, addresses: addressesOf(operations) }),
    }),
    operation({
      id: 'getOpenApi',
      method: 'get',
      path: '/openapi.json',
      summary: 'This description',
      tag: 'about',
      answer: 'application/json',
      handle: () => (description ??= openApiDocument(operations, about)),
    }),
    ...healthOperations(parts),
    // Before `{name}`, which would take it for a route of that name.
    ...routeApplyOperations(parts),
    ...routeOperations(parts),
    ...routeWriteOperations(parts),
    ...controlOperations(parts),
    ...overviewOperations(parts),
    ...ruleOperations(parts),
    ...overlayOperations(parts),
    ...verdictOperations(parts),
    ...discoveryOperations(parts),
    ...comparisonOperations(parts),
    ...historyOperations(parts),
    ...auditOperations(parts),
    ...eventOperations(parts),
    ...sessionOperations(parts, sessions),
  )
  return operations
}

function addressesOf(operations: readonly Operation[]): Record<string, string> {
  return Object.fromEntries(operations.map(({ method, path, summary }) => [`${method.toUpperCase()} ${path}`, summary]))
}
