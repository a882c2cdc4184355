// The rules that hold on each route, made ready: the route's own first, then those for every route; in each case the
// file's before those written over REST. Of those that other processes write the database's change feed tells.
import type { Route } from '../../plugin-config/route.ts'
import { parseRules, type Rule } from '../../plugin-config/rules.ts'
import type { KnownRule } from '../api/difference-parts.ts'
import { createRuleSet, type RuleSet } from '../core/rules/rule-set.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { StoredRule } from '../store/rule-store.ts'
import { lookInTurn } from './look-in-turn.ts'

export type RuleRegistry = {
  /** Null where no rule speaks of the route. */
  rulesOf(route: string): RuleSet | null
  /** In the order in which they are asked. */
  listOf(route: string): KnownRule[]
  /** Reads the stored rules again, now. Throws what PostgreSQL throws. */
  refresh(): Promise<void>
  /** There may be a change: reads soon. */
  look(): void
}

const MAX_READY = 5_000

export function openRules(options: {
  /** Of the routes file, for every route. */
  fileRules: () => readonly Rule[]
  routes: () => readonly Pick<Route, 'name' | 'rules'>[]
  stored: () => Promise<readonly StoredRule[]>
  log: Log
}): RuleRegistry {
  const { log } = options
  const ready = new Map<string, RuleSet | null>()
  let stored: readonly StoredRule[] = []
  let seen = ''
  let isAway = false
  let turn: Promise<void> = Promise.resolve()

  const listOf = (route: string): KnownRule[] => {
    const own = parseRules(options.routes().find(({ name }) => name === route)?.rules ?? [])
    const fromFile = (rules: readonly Rule[], of: string | null): KnownRule[] =>
      rules.map((rule) => ({
        ...{ id: `file:${of === null ? '' : 'route:'}${rule.name}`, route: of, rule },
        ...{ managedBy: 'file', createdAtMs: null, createdBy: null },
      }))
    const fromStore = (of: string | null): KnownRule[] =>
      stored.filter((rule) => rule.route === of).map((rule) => ({ ...rule, managedBy: 'rest' }))
    return [
      ...fromFile(own.ok ? own.rules : [], route),
      ...fromStore(route),
      ...fromFile(options.fileRules(), null),
      ...fromStore(null),
    ]
  }

  const forgetOld = () => {
    const now = JSON.stringify([
      options.fileRules(),
      options.routes().flatMap(({ name, rules }) => (rules === undefined ? [] : [name, rules])),
      stored.map(({ id }) => id),
    ])
    if (now === seen) return
    seen = now
    ready.clear()
  }

  /** What is read later is never older. */
  const refresh = () => {
    const result = turn.then(async () => {
      stored = await options.stored()
      forgetOld()
    })
    turn = result.catch(() => undefined)
    return result
  }

  const lookAtStored = lookInTurn(
    async () => {
      await refresh()
      isAway = false
    },
    (error) => {
      if (!isAway) log.warn({ error: messageOf(error) }, 'stored rules cannot be read: the last known hold')
      isAway = true
    },
  )

  return {
    rulesOf(route) {
      const known = ready.get(route)
      if (known !== undefined) return known
      const rules = listOf(route).map(({ rule }) => rule)
      const made = rules.length === 0 ? null : createRuleSet(rules)
      if (ready.size >= MAX_READY) ready.clear()
      ready.set(route, made)
      return made
    },
    listOf,
    refresh,
    look() {
      // The routes' own and the file's need no database.
      forgetOld()
      lookAtStored()
    },
  }
}
