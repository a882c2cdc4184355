// Differences and rules for API tests: one real cause, one noisy field, rules kept in memory.
import type { DifferenceParts, KnownRule } from '../../collector/api/difference-parts.ts'
import type { Difference } from '../../collector/core/comparison.ts'
import type { NewEvent } from '../../collector/store/event-store.ts'
import { parseRule } from '../../plugin-config/rules.ts'
import { causesOfPairs, tallyOfPairs } from '../helpers/difference-counts.ts'
import { baseMs, exchangeIdAt } from './stored-rows.ts'

const ENDPOINT = 'GET /x'
const total: Difference = { path: '/total', kind: 'changed', primary: 10, shadow: 11 }
const served: Difference = { path: '/served', kind: 'changed', primary: 1, shadow: 2 }

export type FakeDifferences = DifferenceParts & { events: NewEvent[] }

export function fakeDifferences(): FakeDifferences {
  const pairs = (differencesOf: (n: number) => Difference[]) =>
    Array.from({ length: 30 }, (_, n) => ({
      ...{ exchangeId: exchangeIdAt(baseMs + n), atMs: baseMs + n, endpoint: ENDPOINT, differences: differencesOf(n) },
    }))
  const causes = causesOfPairs(pairs((n) => (n < 9 ? [total, served] : [served])))
  const control = tallyOfPairs(pairs(() => [served]))
  const file = parseRule({ name: 'from the file', at: '/tags', treat: 'unordered' })
  if (!file.ok) throw new Error('the rule of the fake is not one')
  const kept: KnownRule[] = []
  const events: NewEvent[] = []
  let next = 1
  return {
    events,
    causes: {
      causes: async () => new Map([['shadow', causes]]),
      latencies: async () => [
        { variant: 'shadow', side: 'primary', histogram: new Map([[80, 100]]) },
        { variant: 'shadow', side: 'other', histogram: new Map([[88, 100]]) },
      ],
    },
    controlTally: async () => control,
    rules: {
      async add({ route, rule, createdAtMs, createdBy }) {
        if (kept.some((one) => one.route === route && one.rule.name === rule.name)) return 'taken'
        const stored = { id: String(next++), route, rule, createdAtMs, createdBy }
        kept.push({ ...stored, managedBy: 'rest' })
        return stored
      },
      async remove(id) {
        const at = kept.findIndex((one) => one.id === id)
        kept.splice(at, 1)
        return undefined
      },
      listOf: () => [
        {
          ...{ id: 'file:from the file', route: null, rule: file.rule },
          ...{ managedBy: 'file', createdAtMs: null, createdBy: null },
        },
        ...kept,
      ],
      refresh: async () => undefined,
      hides: async () => new Map([['from the file', 7]]),
      past: async () => [
        {
          exchangeId: `${exchangeIdAt(baseMs)}:shadow`,
          endpoint: ENDPOINT,
          atMs: baseMs,
          result: { outcome: 'different', differences: [served], differencesCut: false, notes: [] },
        },
        {
          exchangeId: `${exchangeIdAt(baseMs + 1)}:shadow`,
          endpoint: ENDPOINT,
          atMs: baseMs,
          result: {
            ...{ outcome: 'different', differencesCut: false, notes: [] },
            differences: [total, { path: '/served', kind: 'removed', primary: 1 }],
          },
        },
      ],
    },
    record: async (event) => void events.push(event),
  }
}
