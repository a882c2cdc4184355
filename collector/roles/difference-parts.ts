// Hands the API what it tells of differences, and what it keeps of rules.
import type { DifferenceParts } from '../api/difference-parts.ts'
import { createCauseReadModel } from '../store/cause-read-model.ts'
import type { NewEvent } from '../store/event-store.ts'
import { createNoiseStore, FIRST_VERSION } from '../store/noise-store.ts'
import type { Pool } from '../store/pool.ts'
import { createRuleReadModel } from '../store/rule-read-model.ts'
import { createRuleStore } from '../store/rule-store.ts'
import type { RuleRegistry } from './rule-registry.ts'

export function createDifferenceParts(options: {
  /** Writes rules. */
  pool: Pool
  readers: Pool
  rules: RuleRegistry
  record: (event: NewEvent) => Promise<unknown>
}): DifferenceParts {
  const { pool, readers, rules, record } = options
  const noise = createNoiseStore(readers)
  const { add, remove } = createRuleStore(pool)
  return {
    causes: createCauseReadModel(readers),
    controlTally: async (route) => noise.tallyOf(route, (await noise.versions()).get(route) ?? FIRST_VERSION),
    rules: { add, remove, listOf: rules.listOf, refresh: rules.refresh, ...createRuleReadModel(readers) },
    record,
  }
}
