// A router as Traefik's API shows it → one that an overlay can copy: qualified names, without the entry point's own part.

import type { DiscoveredEntryPoint } from '../../plugin-config/discovered.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import type { BaseRouter } from '../../plugin-config/traefik-config.ts'
import { nameList, statusOf } from './api-values.ts'

/** What is copied or looked at; a router with any other field might lose it in a copy, and is not copied. */
const KNOWN_FIELDS = new Set([
  ...['rule', 'ruleSyntax', 'priority', 'priorityStr', 'entryPoints', 'middlewares', 'service', 'tls'],
  ...['observability', 'parentRefs', 'status', 'using', 'name', 'provider', 'error'],
])

/** Undefined for what is no router at all. */
export function baseRouter(shown: unknown, entryPoints: readonly DiscoveredEntryPoint[]): BaseRouter | undefined {
  if (!isRecord(shown) || typeof shown.name !== 'string' || typeof shown.rule !== 'string') return undefined
  const provider = shown.name.slice(shown.name.lastIndexOf('@') + 1)
  const qualified = (name: string) => (name.includes('@') ? name : `${name}@${provider}`)
  const served = nameList(shown.using).length > 0 ? nameList(shown.using) : nameList(shown.entryPoints)
  const syntax = typeof shown.ruleSyntax === 'string' ? shown.ruleSyntax : ''
  const middlewares = ownMiddlewares(nameList(shown.middlewares).map(qualified), served, entryPoints)
  const notCopyable = whyNot(shown, middlewares)
  return {
    name: shown.name,
    rule: shown.rule,
    ...(syntax === '' || syntax === 'default' ? {} : { ruleSyntax: syntax }),
    // `priorityStr` is exact where a number is not, and only there.
    priority: Number(shown.priorityStr ?? shown.priority ?? 0),
    entryPoints: served,
    service: typeof shown.service === 'string' && shown.service !== '' ? qualified(shown.service) : '',
    status: statusOf(shown.status),
    ...(nameList(shown.error).length > 0 ? { errors: nameList(shown.error) } : {}),
    middlewares: middlewares ?? [],
    ...(isRecord(shown.tls) ? { tls: qualifiedTls(shown.tls, qualified) } : {}),
    ...(isRecord(shown.observability) ? { observability: shown.observability } : {}),
    ...(notCopyable === undefined ? {} : { notCopyable }),
  }
}

function whyNot(shown: Record<string, unknown>, middlewares: string[] | undefined): string | undefined {
  const unknown = Object.keys(shown).filter((field) => !KNOWN_FIELDS.has(field))
  if (unknown.length > 0) return `has settings that are not known here (${unknown.join(', ')})`
  if (nameList(shown.parentRefs).length > 0) return 'is below another router (parentRefs)'
  if (String(shown.name).includes('-conflicted-')) return 'has TLS options that conflict with another router'
  if (middlewares === undefined) return "does not begin with its entry point's middlewares"
  return undefined
}

/**
 * Traefik puts an entry point's middlewares before a router's own, and shows both. A copy on the same entry point gets
 * them again by itself, so they are taken off. A router that such an entry point shares with others is shown once for
 * each. Undefined when they are not where they are expected.
 */
function ownMiddlewares(
  shown: string[],
  served: readonly string[],
  entryPoints: readonly DiscoveredEntryPoint[],
): string[] | undefined {
  const added = entryPoints.filter((each) => served.includes(each.name)).find((each) => each.middlewares.length > 0)
  if (!added) return shown
  if (served.length > 1) return undefined
  const isFirst = added.middlewares.every((name, index) => shown[index] === name)
  return isFirst ? shown.slice(added.middlewares.length) : undefined
}

function qualifiedTls(tls: Record<string, unknown>, qualified: (name: string) => string): Record<string, unknown> {
  const { options } = tls
  return typeof options === 'string' && options !== '' && options !== 'default'
    ? { ...tls, options: qualified(options) }
    : tls
}
