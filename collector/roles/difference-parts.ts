// Hands the API what it tells of differences, and what it keeps of rules.
import type { DifferenceParts } from '../api/difference-parts.ts'
import { createCauseReadModel } from '../store/cause-read-model.ts'
import type { NewEvent } from '../store/event-store.ts'
import { createNoiseStore } from '../store/noise-store.ts'
import type { Pool } from '../store/pool.ts'
import { createRuleReadModel } from '../store/rule-read-model.ts'
import { createRuleStore } from '../store/rule-store.ts'
import type { RuleRegistry } from './rule-registry.ts'

export function createDifferenceParts(options: {
  /** Writes rules. */
  pool: Pool
  readers: Pool
  rules: RuleRegistry
  primaryVersionOf: (route: string) => string | Promise<string>
  record: (event: NewEvent) => Promise<unknown>
}): DifferenceParts {
  const { pool, readers, rules, primaryVersionOf, record } = options
  const noise = createNoiseStore(readers)
  const { add, remove } = createRuleStore(pool)
  return {
    causes: createCauseReadModel(readers),
    controlTally: async (route) => noise.tallyOf(route, await primaryVersionOf(route)),
    rules: { add, remove, listOf: rules.listOf, refresh: rules.refresh, ...createRuleReadModel(readers) },
    record,
  }
}
