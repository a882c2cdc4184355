// Partitions by exchange time: made ahead, dropped when too old or too large. Dropping is instant; DELETE would bloat.
import type { Pool } from './pool.ts'
import { inTransaction } from './transaction.ts'

type Table = 'comparisons' | 'unpaired' | 'settled_pairs'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const spans: Record<Table, number> = { comparisons: DAY_MS, unpaired: DAY_MS, settled_pairs: HOUR_MS }
const ROLLUPS_KEPT_MS = 90 * DAY_MS
/** Counts that stay when rows are dropped, with the column that tells their age. */
const counted = [
  ['rollups', 'minute'],
  ['rollup_hours', 'hour'],
  ['cause_counts', 'minute'],
  ['cause_hours', 'hour'],
  ['latency_hours', 'hour'],
] as const
const LOCK = 7_306_815_015n

export type Partition = { name: string; fromMs: number; toMs: number; bytes: number }

/** `comparisons_p20261121` by day, `settled_pairs_p2026112109` by hour (UTC). */
export function partitionName(table: Table, fromMs: number): string {
  const digits = new Date(fromMs).toISOString().replace(/\D/g, '')
  return `${table}_p${digits.slice(0, spans[table] === DAY_MS ? 8 : 10)}`
}

/** The partitions that have to go, oldest first: those wholly past `keepMs`, then the oldest until `maxBytes` are left. */
export function partitionsToDrop(
  partitions: Partition[],
  nowMs: number,
  keepMs: number,
  maxBytes: number,
): Partition[] {
  const oldestFirst = [...partitions].sort((a, b) => a.fromMs - b.fromMs)
  const drop = oldestFirst.filter((partition) => partition.toMs <= nowMs - keepMs)
  const rest = oldestFirst.filter((partition) => !drop.includes(partition))
  let total = rest.reduce((sum, partition) => sum + partition.bytes, 0)
  for (const partition of rest) {
    if (total <= maxBytes || partition.toMs > nowMs) break
    drop.push(partition)
    total -= partition.bytes
  }
  return drop
}

/** Makes the partitions of now and of the next two spans. A span whose rows already lie in the default one is left there. */
export async function makePartitions(pool: Pool, nowMs: number): Promise<void> {
  for (const table of Object.keys(spans) as Table[]) {
    const span = spans[table]
    for (let ahead = 0; ahead < 3; ahead++) {
      const fromMs = Math.floor(nowMs / span) * span + ahead * span
      const range = `FROM ('${new Date(fromMs).toISOString()}') TO ('${new Date(fromMs + span).toISOString()}')`
      try {
        await pool.query(
          `CREATE TABLE IF NOT EXISTS ${partitionName(table, fromMs)} PARTITION OF ${table} FOR VALUES ${range}`,
        )
      } catch (error) {
        // 23514: rows of that span are in the default partition already (a clock jumped); 42P07: another process was first.
        if (!['23514', '42P07'].includes(String((error as { code?: unknown }).code))) throw error
      }
    }
  }
}

/** Applies retention and returns the names that were dropped. Only one process at a time does it. */
export async function dropOldPartitions(
  pool: Pool,
  nowMs: number,
  keep: { days: number; maxBytes: number; ledgerHours: number },
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [LOCK])
    if (!rows[0]?.mine) return []
    const dropped: string[] = []
    for (const table of Object.keys(spans) as Table[]) {
      const isLedger = table === 'settled_pairs'
      const doomed = partitionsToDrop(
        await listPartitions(client, table),
        nowMs,
        isLedger ? keep.ledgerHours * HOUR_MS : keep.days * DAY_MS,
        isLedger ? Infinity : keep.maxBytes,
      )
      for (const { name } of doomed) {
        await client.query(`DROP TABLE IF EXISTS ${name}`)
        dropped.push(name)
      }
    }
    for (const [table, time] of counted)
      await client.query(`DELETE FROM ${table} WHERE ${time} < $1`, [new Date(nowMs - ROLLUPS_KEPT_MS)])
    await client.query('DELETE FROM comparisons_default WHERE created_at < $1', [new Date(nowMs - keep.days * DAY_MS)])
    await client.query('DELETE FROM unpaired_default WHERE created_at < $1', [new Date(nowMs - keep.days * DAY_MS)])
    await client.query('DELETE FROM settled_pairs_default WHERE created_at < $1', [
      new Date(nowMs - keep.ledgerHours * HOUR_MS),
    ])
    return dropped
  })
}

async function listPartitions(client: Pick<Pool, 'query'>, table: Table): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bytes: string }>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass`,
    [table],
  )
  return rows.flatMap(({ name, bytes }) => {
    const digits = /_p(\d{4})(\d{2})(\d{2})(\d{2})?$/.exec(name)
    if (!digits) return []
    const [, year, month, day, hour] = digits.map(Number)
    const fromMs = Date.UTC(year as number, (month as number) - 1, day, hour || 0)
    return [{ name, fromMs, toMs: fromMs + spans[table], bytes: Number(bytes) }]
  })
}
