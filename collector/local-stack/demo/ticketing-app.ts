// The demo's service: one ticketing API, written for Express 4 and run on Express 5 too. Nothing here looks at the
// version: what the two answer differently is what a team would meet when it moves.
import { join } from 'node:path'
import type { Express, NextFunction, Request, Response } from 'express'
import { z } from 'zod'
import type { ExpressModule } from './load-express.ts'
import { ticketFilter } from './ticket-filter.ts'
import type { TicketStore } from './ticket-store.ts'

const statuses = ['open', 'pending', 'closed'] as const
const priorities = ['low', 'normal', 'high'] as const

const newTicket = z.object({
  subject: z.string().min(1).max(200),
  status: z.enum(statuses).default('open'),
  priority: z.enum(priorities).default('normal'),
  labels: z.array(z.string().max(40)).max(10).default([]),
})
const ticketChange = z.object({
  subject: z.string().min(1).max(200).optional(),
  status: z.enum(statuses).optional(),
  priority: z.enum(priorities).optional(),
  labels: z.array(z.string().max(40)).max(10).optional(),
})

export function createTicketingApp(express: ExpressModule, tickets: TicketStore): Express {
  const app = express()
  // Error pages with their stack, as in development, but nothing of it on stderr.
  app.set('env', 'test')
  app.use(express.json(), express.urlencoded())
  app.use('/api/ticketing', ticketingRouter(express, tickets))
  return app
}

function ticketingRouter(express: ExpressModule, tickets: TicketStore) {
  const router = express.Router()

  router.get(
    '/tickets',
    answer(async (request, response) => {
      response.json({ items: await tickets.list(ticketFilter(request.query)) })
    }),
  )

  // A search form posts its fields; nothing changes.
  router.post(
    '/tickets/search',
    answer(async (request, response) => {
      response.json({ items: await tickets.list(ticketFilter(request.body ?? {})) })
    }),
  )

  router.get(
    '/tickets/:id',
    answer(async (request, response) => {
      const ticket = await tickets.find(idOf(request))
      if (ticket) response.json(ticket)
      else response.status(404).json({ error: `no ticket ${request.params.id}` })
    }),
  )

  // The address that people paste into a mail.
  router.get('/tickets/:id/link', (request, response) => {
    response.json({ url: `http://${request.host}/api/ticketing/tickets/${request.params.id}` })
  })

  router.post(
    '/tickets',
    answer(async (request, response) => {
      const parsed = newTicket.safeParse(request.body)
      if (!parsed.success) return refuse(response, parsed.error)
      const ticket = await tickets.create(parsed.data)
      response.status(201).location(`/api/ticketing/tickets/${ticket.id}`).json(ticket)
    }),
  )

  router.patch(
    '/tickets/:id',
    answer(async (request, response) => {
      const parsed = ticketChange.safeParse(request.body)
      if (!parsed.success) return refuse(response, parsed.error)
      const ticket = await tickets.update(idOf(request), parsed.data)
      if (ticket) response.json(ticket)
      else response.status(404).json({ error: `no ticket ${request.params.id}` })
    }),
  )

  // Remembers how the list is shown, then goes back to where the link was.
  router.get('/view/:mode', (request, response) => {
    response.cookie('view', request.params.mode === 'compact' ? 'compact' : 'full')
    response.redirect('back')
  })

  // The path of a manual's page, however deep. A RegExp, because the two versions write wildcards differently.
  router.get(/^\/manual\/(.+)$/, (request, response) => {
    response.json({ page: request.params[0], sections: request.params[0]?.split('/') })
  })

  router.use('/static', express.static(join(import.meta.dirname, 'public')))
  return router
}

/** Express 4 does not see a promise that rejects. */
function answer(handler: (request: Request, response: Response) => Promise<void>) {
  return (request: Request, response: Response, next: NextFunction) => {
    handler(request, response).catch(next)
  }
}

/** 0, which no ticket has, for whatever is not a small whole number. */
function idOf(request: Request): number {
  const text = String(request.params.id)
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

function refuse(response: Response, error: z.ZodError): void {
  response.status(422).json({ errors: error.issues.map(({ path, message }) => ({ field: path.join('.'), message })) })
}
