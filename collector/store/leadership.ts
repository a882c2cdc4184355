// Which of several processes acts alone: the one whose session at PostgreSQL holds an advisory lock. The lock ends with
// the session, so a process that dies, hangs or is cut off makes room by itself.
import pg from 'pg'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Queryable } from './event-store.ts'

/**
 * `unsure`: it led, and PostgreSQL has not answered since, so that nobody can have been told anything else by it.
 * Whoever is unsure may keep up what it did, and must not undo what another one did.
 */
export type Standing = 'leads' | 'follows' | 'unsure'

export type Leadership = { standing: () => Standing; close: () => Promise<void> }

const LOCK = 7_306_815_019n
const WITHIN_MS = 3_000
/** The server ends a session that has not been heard of for this long: its process hangs, or its host is gone. */
const SILENT_SECONDS = 10

/** Who leads already asks less often: well within the server's patience, a lost answer included. */
const LEADER_FACTOR = 3

/** Tries again and again to lead, at once the first time; `changed` is told each new standing and must not throw. */
export function openLeadership(options: {
  databaseUrl: string
  changed: (standing: Standing) => void
  log: Pick<Log, 'debug'>
  everyMs?: number
}): Leadership {
  const { databaseUrl, changed, log, everyMs = 1_000 } = options
  let standing: Standing = 'follows'
  let client: pg.Client | undefined
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const become = (next: Standing) => {
    if (next === standing || isClosed) return
    standing = next
    changed(next)
  }

  const lost = (from: pg.Client, error: unknown) => {
    if (client !== from || isClosed) return
    log.debug({ error: messageOf(error) }, 'leadership: connecting again')
    client = undefined
    from.end().catch(() => undefined)
    become(standing === 'follows' ? 'follows' : 'unsure')
  }

  const ask = async () => {
    if (!client) {
      const next = await connect(databaseUrl, lost)
      if (isClosed) return void next.end().catch(() => undefined)
      client = next
    }
    const asked = client
    try {
      const isHeld = await takesLock(asked)
      if (client === asked) become(isHeld ? 'leads' : 'follows')
    } catch (error) {
      lost(asked, error)
    }
  }

  const again = () => {
    ask()
      .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'leadership: PostgreSQL does not answer'))
      .finally(() => {
        const pauseMs = standing === 'leads' ? LEADER_FACTOR * everyMs : everyMs
        if (!isClosed) timer = setTimeout(again, pauseMs).unref()
      })
  }
  again()

  return {
    standing: () => standing,
    async close() {
      isClosed = true
      clearTimeout(timer)
      await client?.end().catch(() => undefined)
    },
  }
}

/** True while any process leads. Throws what PostgreSQL throws. */
export async function isLed(pool: Queryable): Promise<boolean> {
  const { rows } = await pool.query<{ led: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
         AND (l.classid::bigint << 32 | l.objid::bigint) = $1 AND l.objsubid = 1) AS led`,
    [LOCK],
  )
  return rows[0]?.led === true
}

async function connect(databaseUrl: string, lost: (from: pg.Client, error: unknown) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'understudy-leadership',
    connectionTimeoutMillis: WITHIN_MS,
    query_timeout: WITHIN_MS,
    keepAlive: true,
  })
  client.on('error', (error) => lost(client, error))
  client.on('end', () => lost(client, 'the connection ended'))
  try {
    await client.connect()
    await client.query(`SET idle_session_timeout = '${SILENT_SECONDS}s'`)
  } catch (error) {
    client.end().catch(() => undefined)
    throw error
  }
  return client
}

/** True as well for the session that holds it: asked each time, nothing is remembered here that might not hold. */
async function takesLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
  return rows[0]?.mine === true
}
