// Routes with their versions. Every change is one transaction in which writers take turns: the route, its version and
// its audit entry are written together, so that none of them is ever there alone.

import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { isSame, routeDocument } from '../../plugin-config/route-document.ts'
import type { NewEvent, Queryable, StoredEvent } from './event-store.ts'
import type { Pool } from './pool.ts'
import { inTransaction } from './transaction.ts'

/** Who may change a route: a person (`rest`, `flags`), the watched file, or the labels it was found by. */
export type ManagedBy = 'file' | 'rest' | 'flags' | 'label'
export type VersionAction = 'created' | 'changed' | 'deleted' | 'restored'

export type RouteEntry = {
  route: Route
  version: number
  managedBy: ManagedBy
  createdAt: string
  updatedAt: string
  updatedBy: string
  /** What the flags said last; null where no flag made it. */
  seed: Record<string, unknown> | null
}

/** `route` as it was stored; of a deleted one, as it was last. */
export type RouteVersion = {
  version: number
  at: string
  actor: string
  action: VersionAction
  managedBy: string
  route: unknown
}

export type Put = {
  managedBy: ManagedBy
  actor: string
  action?: VersionAction
  seed?: Record<string, unknown> | null
  /** What is there now, where the caller has just read it (null: nothing). */
  known?: RouteEntry | null
}

/** What a change may do while it has the turn. */
export type RouteTurn = {
  list(): Promise<RouteEntry[]>
  get(name: string): Promise<RouteEntry | undefined>
  version(name: string, version: number): Promise<RouteVersion | undefined>
  /** Gives the entry as it is now; a route that stays the same keeps its version and leaves no trace. */
  put(route: Route, how: Put): Promise<RouteEntry>
  remove(name: string, actor: string): Promise<void>
}

export type LoadedRoutes = { revision: string; entries: RouteEntry[]; broken: { name: string; problem: string }[] }

export type RouteStore = {
  /** Every route, or undefined when nothing changed since `revision`. */
  load(revision?: string): Promise<LoadedRoutes | undefined>
  /** Commits when `work` resolves; nothing is changed when it throws. */
  change<T>(work: (turn: RouteTurn) => Promise<T>): Promise<T>
  /** Newest first, at most 50. */
  versions(name: string): Promise<RouteVersion[]>
}

const KEPT_VERSIONS = 50
/** Names of deleted routes whose versions are kept. */
const KEPT_DELETED = 1_000
const LOCK = 7_306_815_018n
const REVISION = 'SELECT concat(coalesce(max(id), 0)) AS revision FROM route_versions'

type Row = {
  name: string
  version: number
  managed_by: ManagedBy
  body: unknown
  seed: Record<string, unknown> | null
  created_at: Date
  updated_at: Date
  updated_by: string
}

export function createRouteStore(options: {
  pool: Pool
  recordEvent: (event: NewEvent, on: Queryable) => Promise<StoredEvent>
  /** Called after a commit. */
  changed: () => void
}): RouteStore {
  const { pool } = options
  return {
    async load(known) {
      const { rows: revisions } = await pool.query<{ revision: string }>(REVISION)
      const revision = revisions[0]?.revision ?? '0'
      if (revision === known) return undefined
      const { rows } = await pool.query<Row>('SELECT * FROM routes ORDER BY name')
      const read = rows.map(readRow)
      return {
        revision,
        entries: read.flatMap((each) => ('entry' in each ? each.entry : [])),
        broken: read.flatMap((each) => ('entry' in each ? [] : each)),
      }
    },
    async change(work) {
      const result = await inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
        const { turn, tidy } = turnOn(client, options.recordEvent)
        const done = await work(turn)
        await tidy()
        return done
      })
      options.changed()
      return result
    },
    versions: (name) => readVersions(pool, name),
  }
}

function turnOn(on: Queryable, recordEvent: (event: NewEvent, on: Queryable) => Promise<StoredEvent>) {
  let removed = 0
  const get = async (name: string) => {
    const { rows } = await on.query<Row>('SELECT * FROM routes WHERE name = $1', [name])
    return rows[0] && entryOf(rows[0])
  }

  const turn: RouteTurn = {
    get,
    async list() {
      const { rows } = await on.query<Row>('SELECT * FROM routes ORDER BY name')
      return rows.flatMap((row) => entryOf(row) ?? [])
    },
    async version(name, version) {
      return (await readVersions(on, name)).find((each) => each.version === version)
    },
    async put(route, { managedBy, actor, action, seed, known }) {
      const before = known === undefined ? await get(route.name) : (known ?? undefined)
      const document = routeDocument(route)
      const kept = seed === undefined ? (before?.seed ?? null) : seed
      const isUnchanged = before?.managedBy === managedBy && isSame(routeDocument(before.route), document)
      if (isUnchanged && isSame(before.seed, kept)) return before
      const body = JSON.stringify(document)
      const seedText = kept === null ? null : JSON.stringify(kept)
      if (isUnchanged) {
        await on.query('UPDATE routes SET seed = $2 WHERE name = $1', [route.name, seedText])
        return { ...before, seed: kept }
      }
      const what = action ?? (before ? 'changed' : 'created')
      const { rows } = await on.query<Row>(PUT, [route.name, managedBy, body, seedText, actor, what])
      const entry = rows[0] && entryOf(rows[0])
      if (!entry) throw new Error(`route ${route.name} cannot be read back`)
      if (entry.version > KEPT_VERSIONS) await forget(on, route.name, entry.version)
      const change = { before: before ? routeDocument(before.route) : null, after: document }
      const details = { ...change, version: entry.version, managedBy }
      await recordEvent({ kind: `route.${what}`, route: route.name, actor, details }, on)
      return entry
    },
    async remove(name, actor) {
      const { rows } = await on.query<{ version: number; managed_by: string; body: unknown }>(REMOVE, [name, actor])
      const [row] = rows
      if (!row) return
      removed += 1
      if (row.version > KEPT_VERSIONS) await forget(on, name, row.version)
      const details = { before: row.body, after: null, version: row.version, managedBy: row.managed_by }
      await recordEvent({ kind: 'route.deleted', route: name, actor, details }, on)
    },
  }
  /** Versions of routes that were deleted long ago go. */
  const tidy = async () => {
    if (removed > 0) await on.query(TIDY, [KEPT_DELETED])
  }
  return { turn, tidy }
}

const NEXT = 'SELECT coalesce(max(version), 0) + 1 AS version FROM route_versions WHERE name = $1'

const PUT = `
  WITH next AS (${NEXT}),
  stored AS (
    INSERT INTO routes (name, version, managed_by, body, seed, created_at, updated_at, updated_by)
    SELECT $1, version, $2, $3::jsonb, $4::jsonb, clock_timestamp(), clock_timestamp(), $5 FROM next
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, managed_by = excluded.managed_by, body = excluded.body,
      seed = excluded.seed, updated_at = excluded.updated_at, updated_by = excluded.updated_by
    RETURNING *),
  added AS (
    INSERT INTO route_versions (name, version, at, actor, action, managed_by, body)
    SELECT name, version, updated_at, updated_by, $6, managed_by, body FROM stored)
  SELECT * FROM stored`

const REMOVE = `
  WITH next AS (${NEXT}),
  gone AS (DELETE FROM routes WHERE name = $1 RETURNING *)
  INSERT INTO route_versions (name, version, at, actor, action, managed_by, body)
  SELECT gone.name, next.version, clock_timestamp(), $2, 'deleted', gone.managed_by, gone.body FROM gone, next
  RETURNING version, managed_by, body`

const TIDY = `
  DELETE FROM route_versions v USING (
    SELECT name FROM route_versions GROUP BY name HAVING name NOT IN (SELECT name FROM routes)
    ORDER BY max(id) DESC OFFSET $1) AS old WHERE v.name = old.name`

async function forget(on: Queryable, name: string, version: number): Promise<void> {
  await on.query('DELETE FROM route_versions WHERE name = $1 AND version <= $2', [name, version - KEPT_VERSIONS])
}

function entryOf(row: Row): RouteEntry | undefined {
  const read = readRow(row)
  return 'entry' in read ? read.entry : undefined
}

async function readVersions(on: Queryable, name: string): Promise<RouteVersion[]> {
  const { rows } = await on.query<Omit<Row, 'seed'> & { at: Date; actor: string; action: VersionAction }>(
    'SELECT version, at, actor, action, managed_by, body FROM route_versions WHERE name = $1 ORDER BY version DESC LIMIT $2',
    [name, KEPT_VERSIONS],
  )
  return rows.map(({ version, at, actor, action, managed_by, body }) => {
    const parsed = parseRoute(body, 'rest')
    const route = parsed.ok ? routeDocument(parsed.route) : body
    return { version, at: at.toISOString(), actor, action, managedBy: managed_by, route }
  })
}

/** A body that this version cannot read (a newer one wrote it) is told and left alone. */
function readRow(row: Row): { entry: RouteEntry } | { name: string; problem: string } {
  const parsed = parseRoute(row.body, 'rest')
  if (!parsed.ok) {
    const problem = parsed.problems.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join('; ')
    return { name: row.name, problem }
  }
  return {
    entry: {
      route: parsed.route,
      version: row.version,
      managedBy: row.managed_by,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      updatedBy: row.updated_by,
      seed: row.seed,
    },
  }
}
