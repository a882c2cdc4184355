// The rule of an overlay: the base router's, narrowed to the requests that may be mirrored.
import { mirrorsWrites, type Route } from './route.ts'

/**
 * `(<rule>) && (<methods and operations>)`, without upgrades and gRPC: mirroring would buffer their two-way streams.
 * Where bodies may be mirrored, without `Expect` too: Traefik's mirroring answers it a second `100 Continue`.
 * `rule` is the base router's; `ruleSyntax` v2 has other names for the same matchers.
 */
export function overlayRule(base: { rule: string; ruleSyntax?: string | undefined }, route: Route): string {
  const isV2 = base.ruleSyntax === 'v2'
  const header = isV2 ? 'HeadersRegexp' : 'HeaderRegexp'
  const requests = [
    ...route.methods.map((method) => `Method(\`${method}\`)`),
    ...route.operations.map((operation) => operationRule(operation, isV2)),
    ...route.graphql.map((path) => `(Method(\`POST\`) && Path(\`${path}\`))`),
  ]
  const narrowed = 'service' in route.primary && route.rule !== undefined ? [`(${route.rule})`] : []
  return [
    `(${base.rule})`,
    ...narrowed,
    `(${requests.join(' || ')})`,
    `!${header}(\`Upgrade\`, \`.+\`)`,
    `!${header}(\`Content-Type\`, \`(?i)^application/grpc\`)`,
    ...(mirrorsWrites(route) ? [`!${header}(\`Expect\`, \`.+\`)`] : []),
  ].join(' && ')
}

/** `POST /tickets/{id}`: the path is anchored, a `{name}` stands for one segment. */
function operationRule(operation: string, isV2: boolean): string {
  const [method = '', path = ''] = operation.split(' ')
  const segment = /(\{[^}]*\})/
  const pattern = isV2
    ? `Path(\`${replaceParts(
        path,
        segment,
        (part) => `{${part.slice(1, -1)}:[^/]+}`,
        (text) => text,
      )}\`)`
    : `PathRegexp(\`^${replaceParts(path, segment, () => '[^/]+', escapeRegexp)}$\`)`
  return `(Method(\`${method}\`) && ${pattern})`
}

function replaceParts(text: string, split: RegExp, part: (found: string) => string, rest: (text: string) => string) {
  return text
    .split(split)
    .map((piece, index) => (index % 2 === 1 ? part(piece) : rest(piece)))
    .join('')
}

function escapeRegexp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
