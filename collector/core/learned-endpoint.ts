// Templates of paths learned from the paths themselves: where many different names stand at one place, they are values
// (`/users/{name}/posts`), however little they look like ids. What looks like one is `{id}` already (endpoint.ts).
import { endpointOf } from './endpoint.ts'

export type EndpointLearner = {
  /**
   * The endpoint of a request, at most `limit` different ones, beyond `<method> other`. `times`: the request came that
   * often since it was last asked about.
   */
  endpointOf(method: string, uri: string, times?: number): string
  /** Grows when requests that had different endpoints have one from now on. */
  changes(): number
  /** Places where values stand, as templates (`GET /users/{value}`): to be stored, and given again at the next start. */
  learned(): string[]
  size(): number
}

export type LearnerOptions = {
  /** Endpoints at most. */
  limit?: number
  /** Different names at one place that are too many to be anything but values. */
  maxNames?: number
  /** Templates known beforehand, from an OpenAPI document, rules, or `learned()` of before: `GET /users/{name}`. */
  templates?: readonly string[]
}

type Node = {
  children: Map<string, Node>
  /** What stands for every name that is no child: `{value}`, or the name in a template given. */
  any: { name: string; node: Node } | null
  seen: number
}

/** Few names seen often are parts of an API; names seen once or twice each are values sooner. */
const SOON_NAMES = 20
const SOON_SEEN_EACH = 2
/** A name with this part of all requests at its place stays a name of its own: `/users/me`. */
const KEPT_PART = 0.1
const VALUE = '{value}'

export function createEndpointLearner(options: LearnerOptions = {}): EndpointLearner {
  const { limit = 500, maxNames = 60, templates = [] } = options
  const roots = new Map<string, Node>()
  const admitted = new Set<string>()
  let nodes = 0
  let changes = 0
  const maxNodes = limit * 20

  for (const template of templates) plant(template)

  function plant(template: string): void {
    const { method, segments } = cut(template)
    let node = rootOf(method)
    for (const segment of segments) {
      if (/^\{[^{}]*\}$/.test(segment) && segment !== '{id}') {
        node.any ??= { name: segment, node: emptyNode() }
        node = node.any.node
      } else node = childOf(node, segment) ?? node
    }
  }

  function rootOf(method: string): Node {
    let root = roots.get(method)
    if (root === undefined) {
      root = emptyNode()
      roots.set(method, root)
    }
    return root
  }

  /** The child of that name, made if there is room. */
  function childOf(node: Node, name: string): Node | null {
    const known = node.children.get(name)
    if (known !== undefined) return known
    if (nodes >= maxNodes) return null
    nodes += 1
    const made = emptyNode()
    node.children.set(name, made)
    return made
  }

  function walk(method: string, segments: readonly string[], times: number): string[] | null {
    let node = rootOf(method)
    const names: string[] = []
    for (const segment of segments) {
      node.seen += times
      const known = node.children.get(segment)
      if (known === undefined && node.any !== null) {
        names.push(node.any.name)
        node = node.any.node
        continue
      }
      const child = known ?? childOf(node, segment)
      if (child === null) return null
      if (known === undefined && isOfValues(node, maxNames)) {
        nodes -= generalize(node)
        changes += 1
        return walk(method, segments, times)
      }
      names.push(segment)
      node = child
    }
    node.seen += times
    return names
  }

  return {
    endpointOf(method, uri, times = 1) {
      const template = cut(endpointOf(method, uri))
      const names = walk(template.method, template.segments, times)
      const endpoint = names === null ? '' : `${template.method} /${names.join('/')}`
      if (admitted.has(endpoint)) return endpoint
      if (names === null || admitted.size >= limit) return `${template.method} other`
      admitted.add(endpoint)
      return endpoint
    },
    changes: () => changes,
    learned: () => [...roots].flatMap(([method, root]) => placesOf(root).map((path) => `${method} ${path}`)),
    size: () => admitted.size,
  }
}

function emptyNode(): Node {
  return { children: new Map(), any: null, seen: 0 }
}

/** `GET /a/b` to its method and segments. */
function cut(endpoint: string): { method: string; segments: string[] } {
  const space = endpoint.indexOf(' ')
  return { method: endpoint.slice(0, space), segments: endpoint.slice(space + 2).split('/') }
}

function isOfValues({ children, seen }: Node, maxNames: number): boolean {
  return children.size > maxNames || (children.size > SOON_NAMES && seen <= children.size * SOON_SEEN_EACH)
}

/** Makes one `{value}` of the children that are not seen often. Returns how many nodes there are fewer. */
function generalize(node: Node): number {
  const before = sizeOf(node)
  const any = emptyNode()
  for (const [name, child] of node.children) {
    if (name === '' || child.seen >= Math.max(10, node.seen * KEPT_PART)) continue
    node.children.delete(name)
    merge(any, child)
  }
  node.any = { name: VALUE, node: any }
  return before - sizeOf(node) + 1
}

/** Depth is that of endpoints: eight segments and the end of longer ones. */
function merge(into: Node, from: Node): void {
  into.seen += from.seen
  for (const [name, child] of from.children) {
    const known = into.children.get(name)
    if (known === undefined) into.children.set(name, child)
    else merge(known, child)
  }
  if (from.any === null) return
  if (into.any === null) into.any = from.any
  else merge(into.any.node, from.any.node)
}

function sizeOf({ children, any }: Node): number {
  let size = 1
  for (const child of children.values()) size += sizeOf(child)
  return any === null ? size : size + sizeOf(any.node)
}

/** Templates down to each place where any name may stand. */
function placesOf(node: Node, path = ''): string[] {
  const below = [...node.children].flatMap(([name, child]) => placesOf(child, `${path}/${name}`))
  if (node.any === null) return below
  const here = `${path}/${node.any.name}`
  return [...below, here, ...placesOf(node.any.node, here)]
}
