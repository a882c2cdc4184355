// The one way to record what was done: an event goes into the table `events` (in the caller's transaction, where there
// is one), and from there into the topic of events and to every open stream, of this process and of all others.
import { messageOf } from '../errors.ts'
import type { RecordWriter } from '../kafka/producer.ts'
import { createRateLimit, type Log } from '../log.ts'
import {
  eventsAfter,
  insertEvent,
  type NewEvent,
  newestEventId,
  publishEvents,
  type Queryable,
  type StoredEvent,
} from '../store/event-store.ts'
import type { Pool } from '../store/pool.ts'

export type EventJournal = {
  /** Throws what PostgreSQL throws. Within a transaction (`on`), call `look` after its commit. */
  recordEvent(event: NewEvent, on?: Queryable): Promise<StoredEvent>
  /** Events of every process, each once, in their order, from now on. */
  subscribe(listener: (event: StoredEvent) => void): () => void
  /** There may be new events: reads and publishes them soon. */
  look(): void
  /** From now on events are published too. */
  publishWith(writer: Pick<RecordWriter, 'write'>, topic: string): void
  close(): Promise<void>
}

const PAGE = 200

export function createEventJournal(options: { pool: Pool; log: Log; now: () => number }): EventJournal {
  const { pool, log } = options
  const listeners = new Set<(event: StoredEvent) => void>()
  const mayLog = createRateLimit(30_000, options.now)
  let publishing: { writer: Pick<RecordWriter, 'write'>; topic: string } | undefined
  let last: number | undefined
  let isClosed = false
  let wanted = false
  let turn: Promise<void> | undefined

  const tell = async () => {
    if (last === undefined) {
      last = await newestEventId(pool)
      return
    }
    for (;;) {
      const fresh = await eventsAfter(pool, last, PAGE)
      for (const event of fresh) {
        last = event.id
        for (const listener of listeners) listener(event)
      }
      if (fresh.length < PAGE) return
    }
  }

  const publish = async () => {
    const to = publishing
    if (!to) return
    const write = (events: StoredEvent[]) => {
      const records = events.map((event) => ({
        key: event.route ?? '',
        value: Buffer.from(JSON.stringify({ v: 1, ...event })),
      }))
      return to.writer.write(
        to.topic,
        records,
        records.reduce((bytes, record) => bytes + record.value.length, 0),
      )
    }
    while ((await publishEvents(pool, write, PAGE)) === PAGE);
  }

  const failed = (what: string) => (error: unknown) => {
    if (mayLog(what).pass) log.debug({ error: messageOf(error) }, `${what}: tried again`)
  }

  const look = () => {
    if (isClosed) return
    wanted = true
    turn ??= (async () => {
      while (wanted && !isClosed) {
        wanted = false
        await tell().catch(failed('events are not read'))
        await publish().catch(failed('events are not published'))
      }
      turn = undefined
    })()
  }

  return {
    async recordEvent(event, on) {
      const stored = await insertEvent(on ?? pool, event)
      last ??= stored.id - 1
      if (!on) look()
      return stored
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    look,
    publishWith(writer, topic) {
      publishing = { writer, topic }
      look()
    },
    async close() {
      isClosed = true
      await turn
    },
  }
}
