// The file of a backup: gzip over lines. The first is JSON about the whole; each table is a line of JSON, then its rows
// in PostgreSQL's COPY text, then a line `\.`, which COPY text cannot hold.
import { once } from 'node:events'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { z } from 'zod'
import { CliError } from './cli-error.ts'

export type Told = { tables: number; rows: number }

const END = '\\.'
const VERSION = 1
/** Twice what PostgreSQL takes for one value would not fit into memory anyway. */
const MAX_LINE_BYTES = 256 * 1024 * 1024
const Head = z.object({
  understudyBackup: z.literal(VERSION),
  at: z.string(),
  migrations: z.array(z.string()),
  partitions: z.array(
    z.object({
      parent: z.string(),
      name: z.string(),
      // Written into a statement as it is, so nothing else may be in it.
      bounds: z.string().regex(/^FOR VALUES FROM \('[\d: +.-]+'\) TO \('[\d: +.-]+'\)$/),
    }),
  ),
})
const TableHead = z.object({ table: z.string(), columns: z.array(z.string()).min(1) })

const TABLES = `
  SELECT c.relname AS table,
         array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> 'schema_migrations'
  GROUP BY c.relname ORDER BY c.relname`
const PARTITIONS = `
  SELECT p.relname AS parent, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
  WHERE c.relnamespace = 'public'::regnamespace AND c.relispartition
    AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
  ORDER BY p.relname, c.relname`
const IDENTITIES = `
  SELECT c.relname AS table, a.attname AS column
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped
    AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL`

/** Everything of one moment: what is written meanwhile is not in it. */
export async function writeBackup(client: pg.Client, sink: Writable, nowMs: number): Promise<Told> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
  await client.query("SET LOCAL timezone = 'UTC'")
  const gzip = createGzip({ level: 4 })
  const isStdout = sink === process.stdout
  const arrived = pipeline(gzip, sink, { end: !isStdout })
  // The failure is told by whoever waits for it; until then it must not end the process.
  arrived.catch(() => undefined)
  const write = async (text: string | Buffer) => {
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), arrived])
  }
  const head = {
    understudyBackup: VERSION,
    at: new Date(nowMs).toISOString(),
    migrations: await migrationsOf(client),
    partitions: (await client.query(PARTITIONS)).rows,
  }
  await write(`${JSON.stringify(head)}\n`)
  const { rows: tables } = await client.query<z.infer<typeof TableHead>>(TABLES)
  let rows = 0
  for (const { table, columns } of tables) {
    await write(`${JSON.stringify({ table, columns })}\n`)
    const names = columns.map(pg.escapeIdentifier).join(', ')
    const copied = client.query(copyTo(`COPY (SELECT ${names} FROM ${pg.escapeIdentifier(table)}) TO STDOUT`))
    for await (const chunk of copied) await write(chunk as Buffer)
    rows += copied.rowCount
    await write(`${END}\n`)
  }
  await client.query('COMMIT')
  gzip.end()
  await arrived
  return { tables: tables.length, rows }
}

/**
 * All of it or nothing. Throws CliError for a file that is no backup or was cut off, for a database with another
 * schema, and for one that holds something already, unless that is to be replaced.
 */
export async function readBackup(client: pg.Client, source: Readable, options: { replace: boolean }): Promise<Told> {
  const gunzip = createGunzip()
  // It may break before anybody reads; whoever reads then is told.
  gunzip.on('error', () => undefined)
  const unpacked = pipeline(source, gunzip).catch((error: unknown) => {
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  const lines = linesOf(gunzip)
  const next = async (): Promise<string | undefined> => {
    try {
      const { value, done } = await lines.next()
      return done ? undefined : value
    } catch (error) {
      throw new CliError(`this is no backup of ours, or it was cut off: ${messageOf(error)}`)
    }
  }
  await client.query('BEGIN')
  try {
    const head = parsed(Head, await next())
    await requireSameSchema(client, head.migrations)
    const { rows: known } = await client.query<z.infer<typeof TableHead>>(TABLES)
    await makeRoom(client, known, options.replace)
    for (const { parent, name, bounds } of head.partitions) {
      if (!known.some(({ table }) => table === parent))
        throw new CliError(`the backup names a table ${parent}, which is not here`)
      const [child, above] = [name, parent].map(pg.escapeIdentifier)
      await client.query(`CREATE TABLE IF NOT EXISTS ${child} PARTITION OF ${above} ${bounds}`)
    }
    const told = { tables: 0, rows: 0 }
    for (let line = await next(); line !== undefined; line = await next()) {
      const { table, columns } = parsed(TableHead, line)
      if (!known.some((one) => one.table === table))
        throw new CliError(`the backup names a table ${table}, which is not here`)
      told.rows += await fill(client, table, columns, next)
      told.tables += 1
    }
    if (told.tables < known.length)
      throw new CliError(`the backup holds ${told.tables} of ${known.length} tables: it was cut off`)
    const { rows: identities } = await client.query<{ table: string; column: string }>(IDENTITIES)
    for (const { table, column } of identities) {
      const [from, name] = [table, column].map(pg.escapeIdentifier)
      await client.query(
        `SELECT setval(pg_get_serial_sequence($1, $2), coalesce((SELECT max(${name}) FROM ${from}), 0) + 1, false)`,
        [from, column],
      )
    }
    await client.query('COMMIT')
    return told
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    source.destroy()
    await unpacked
  }
}

async function fill(
  client: pg.Client,
  table: string,
  columns: string[],
  next: () => Promise<string | undefined>,
): Promise<number> {
  const names = columns.map(pg.escapeIdentifier).join(', ')
  const copied = client.query(copyFrom(`COPY ${pg.escapeIdentifier(table)} (${names}) FROM STDIN`))
  const rows = new PassThrough()
  const done = pipeline(rows, copied)
  done.catch(() => undefined)
  try {
    for (;;) {
      const line = await next()
      if (line === undefined) throw new CliError(`the backup ends inside table ${table}: it was cut off`)
      if (line === END) break
      if (!rows.write(`${line}\n`)) await Promise.race([once(rows, 'drain'), done])
    }
  } catch (error) {
    rows.destroy(error as Error)
    await finished(copied).catch(() => undefined)
    throw error
  }
  rows.end()
  await done
  return copied.rowCount
}

async function requireSameSchema(client: pg.Client, wanted: string[]): Promise<void> {
  const found = await migrationsOf(client)
  if (found.join() === wanted.join()) return
  const newest = (names: string[]) => names.at(-1) ?? 'none'
  throw new CliError(
    `the backup is of schema ${newest(wanted)}, the database of ${newest(found)}: start the version of the backup once on this database, then restore`,
  )
}

async function makeRoom(client: pg.Client, tables: { table: string }[], replace: boolean): Promise<void> {
  const names = tables.map(({ table }) => pg.escapeIdentifier(table))
  if (replace) {
    await client.query(`TRUNCATE ${names.join(', ')}`)
    return
  }
  for (const name of names) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${name} LIMIT 1`)
    if (rowCount) throw new CliError(`table ${name} is not empty: --replace forgets what is there`)
  }
}

async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows: there } = await client.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS is_there")
  if (!there[0]?.is_there) throw new CliError('the database has no schema of ours: start the collector once')
  const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name')
  return rows.map(({ name }) => name)
}

/** By line feeds alone: what else Unicode calls the end of a line may stand inside a value. */
async function* linesOf(source: Readable): AsyncGenerator<string, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10)) {
      yield text.toString('utf8', 0, at)
      text = text.subarray(at + 1)
    }
    if (text.length > MAX_LINE_BYTES) throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes`)
    rest = text
  }
  if (rest.length > 0) yield rest.toString('utf8')
}

function parsed<Schema extends z.ZodType>(schema: Schema, line: string | undefined): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(line ?? ''))
  } catch {
    throw new CliError('this is no backup of ours, or one of another version')
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
