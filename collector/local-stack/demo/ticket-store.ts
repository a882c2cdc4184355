// The demo's tickets in PostgreSQL.
import { Pool } from 'pg'
import { seedTickets } from './seed-tickets.ts'
import type { TicketFilter } from './ticket-filter.ts'

export type NewTicket = { subject: string; status: string; priority: string; labels: string[] }
export type Ticket = NewTicket & { id: number }
/** Fields left out or undefined stay as they are. */
export type TicketChange = { [Field in keyof NewTicket]?: NewTicket[Field] | undefined }

export type TicketStore = {
  /** Open tickets first, then by id. */
  list(filter: TicketFilter): Promise<Ticket[]>
  find(id: number): Promise<Ticket | undefined>
  create(ticket: NewTicket): Promise<Ticket>
  /** Undefined where no ticket has the id. */
  update(id: number, change: TicketChange): Promise<Ticket | undefined>
  close(): Promise<void>
}

const COLUMNS = 'id, subject, status, priority, labels'

// A schema of its own, made anew at each start: both sides begin with the same rows, and nobody's table is touched.
const SCHEMA = `
  DROP SCHEMA IF EXISTS understudy_demo CASCADE;
  CREATE SCHEMA understudy_demo;
  CREATE TABLE understudy_demo.tickets (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    status text NOT NULL,
    priority text NOT NULL,
    labels text[] NOT NULL
  );`

/** Opens the database at `url` and fills it with the seed rows. Rejects when the database does not answer. */
export async function openTicketStore(url: string): Promise<TicketStore> {
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 })
  // Without a listener the loss of an idle connection would end the process; the next query tells of it.
  pool.on('error', () => {})
  const query = async (text: string, values: unknown[]) => (await pool.query<Ticket>(text, values)).rows

  const create = async ({ subject, status, priority, labels }: NewTicket) => {
    const [ticket] = await query(
      `INSERT INTO understudy_demo.tickets (subject, status, priority, labels)
       VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [subject, status, priority, labels],
    )
    return ticket as Ticket
  }

  try {
    await pool.query(SCHEMA)
    for (const ticket of seedTickets) await create(ticket)
  } catch (error) {
    await pool.end()
    throw error
  }

  return {
    create,
    list: ({ statuses, labels }) =>
      query(
        `SELECT ${COLUMNS} FROM understudy_demo.tickets
         WHERE (cardinality($1::text[]) = 0 OR status = ANY($1)) AND (cardinality($2::text[]) = 0 OR labels && $2)
         ORDER BY status = 'open' DESC, id`,
        [statuses, labels],
      ),
    find: async (id) => (await query(`SELECT ${COLUMNS} FROM understudy_demo.tickets WHERE id = $1`, [id]))[0],
    update: async (id, { subject, status, priority, labels }) => {
      const [ticket] = await query(
        `UPDATE understudy_demo.tickets SET subject = coalesce($2, subject), status = coalesce($3, status),
           priority = coalesce($4, priority), labels = coalesce($5, labels)
         WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, subject, status, priority, labels],
      )
      return ticket
    },
    close: () => pool.end(),
  }
}
