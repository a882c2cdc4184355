// What the API needs to tell of differences and to keep rules.
import type { Rule } from '../../plugin-config/rules.ts'
import type { ControlTally } from '../core/noise/control-tally.ts'
import type { PastPair } from '../core/rules/preview-rule.ts'
import type { CauseReadModel } from '../store/cause-read-model.ts'
import type { NewEvent } from '../store/event-store.ts'
import type { RuleStore } from '../store/rule-store.ts'

/** A rule that holds on a route, wherever it was written. */
export type KnownRule = {
  id: string
  /** Null: every route. */
  route: string | null
  rule: Rule
  managedBy: 'file' | 'rest'
  createdAtMs: number | null
  createdBy: string | null
}

export type DifferenceParts = {
  causes: CauseReadModel
  /** What the control has shown of the version of the primary that answers now. */
  controlTally(route: string): Promise<ControlTally>
  rules: Pick<RuleStore, 'add' | 'remove'> & {
    /** In the order in which they are asked. */
    listOf(route: string): KnownRule[]
    /** Reads again what is stored, so that a change holds here at once. */
    refresh(): Promise<void>
    /** Pairs with a difference that the rule covered, by its name. */
    hides(route: string): Promise<Map<string, number>>
    /** The newest kept comparisons that differ, at most `limit`; each named by its comparison's id. */
    past(route: string, limit: number): Promise<PastPair[]>
  }
  record(event: NewEvent): Promise<unknown>
}
