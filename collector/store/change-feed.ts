// Tells that another process may have changed routes or recorded events: PostgreSQL's LISTEN, and a look now and then
// for what a broken connection missed.
import pg from 'pg'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

export const CHANGES_CHANNEL = 'understudy_changes'

export type ChangeFeed = { close: () => Promise<void> }

/** `changed` is called after each notification, after each connect, and every `lookEveryMs`; it must not throw. */
export function openChangeFeed(options: {
  databaseUrl: string
  changed: () => void
  log: Pick<Log, 'debug'>
  lookEveryMs?: number
  reconnectMs?: number
}): ChangeFeed {
  const { databaseUrl, changed, log, lookEveryMs = 10_000, reconnectMs = 1_000 } = options
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  const again = (error: unknown) => {
    const lost = client
    client = undefined
    lost?.end().catch(() => undefined)
    if (isClosed || retry) return
    log.debug({ error: messageOf(error) }, 'change feed: connecting again')
    retry = setTimeout(connect, reconnectMs)
    retry.unref()
  }

  const connect = () => {
    retry = undefined
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'understudy-changes',
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
    })
    client = next
    next.on('notification', changed)
    next.on('error', (error) => {
      if (client === next) again(error)
    })
    next.on('end', () => {
      if (client === next) again('the connection ended')
    })
    next
      .connect()
      .then(() => next.query(`LISTEN ${CHANGES_CHANNEL}`))
      .then(changed, (error: unknown) => {
        if (client === next) again(error)
      })
  }

  connect()
  const timer = setInterval(changed, lookEveryMs)
  return {
    async close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(retry)
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}
