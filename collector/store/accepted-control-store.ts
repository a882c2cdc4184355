// Control traffic that a person accepted for routes that come from labels, by the primary's service. Each change leaves
// an event in the same transaction.
import type { AcceptedControl } from '../../plugin-config/label-routes.ts'
import type { NewEvent, Queryable, StoredEvent } from './event-store.ts'
import type { Pool } from './pool.ts'
import { inTransaction } from './transaction.ts'

export type AcceptedControlStore = {
  /** By service. */
  list(): Promise<Record<string, AcceptedControl>>
  /** `control` null: taken back. `route`: whose the event is. */
  set(of: { service: string; route: string; control: AcceptedControl | null; actor: string }): Promise<void>
}

/** More would not be a person's doing. */
const MAX_ACCEPTED = 10_000

export function createAcceptedControlStore(options: {
  pool: Pool
  recordEvent: (event: NewEvent, on: Queryable) => Promise<StoredEvent>
  /** Called after a commit. */
  changed: () => void
}): AcceptedControlStore {
  const { pool, recordEvent, changed } = options
  return {
    async list() {
      const { rows } = await pool.query<{ service: string } & AcceptedControl>(
        'SELECT service, percent, rate FROM accepted_controls ORDER BY service LIMIT $1',
        [MAX_ACCEPTED],
      )
      return Object.fromEntries(rows.map(({ service, percent, rate }) => [service, { percent, rate }]))
    },
    async set({ service, route, control, actor }) {
      await inTransaction(pool, async (client) => {
        const { rows } = await client.query<AcceptedControl>(
          'DELETE FROM accepted_controls WHERE service = $1 RETURNING percent, rate',
          [service],
        )
        if (control)
          await client.query('INSERT INTO accepted_controls (service, percent, rate) VALUES ($1, $2, $3)', [
            ...[service, control.percent, control.rate],
          ])
        const kind = control ? 'control.accepted' : 'control.withdrawn'
        await recordEvent({ kind, route, actor, details: { service, before: rows[0] ?? null, after: control } }, client)
      })
      changed()
    },
  }
}
