// One side of the demo as a process: `node ticketing.ts --express 4 --port 3000 --database-url postgres://…`.
// Says `ready` on stdout when it listens (on loopback), ends on SIGTERM or SIGINT.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { openTicketStore } from './ticket-store.ts'
import { createTicketingApp, type ExpressModule } from './ticketing-app.ts'

/** The package of each major version; Express 4 is installed under an alias. */
const packages: Record<string, string> = { 4: 'express4', 5: 'express' }

function optionsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: { express: { type: 'string' }, port: { type: 'string' }, 'database-url': { type: 'string' } },
  })
  const expressPackage = packages[values.express ?? '']
  const port = Number(values.port)
  const databaseUrl = values['database-url'] ?? process.env.DATABASE_URL
  const problems = [
    expressPackage ? '' : `--express is ${values.express ?? 'missing'}: expected 4 or 5`,
    Number.isInteger(port) && port >= 0 && port < 65536
      ? ''
      : `--port is ${values.port ?? 'missing'}: expected 0-65535`,
    databaseUrl ? '' : '--database-url is missing: expected postgres://…',
  ].filter(Boolean)
  return { expressPackage, port, databaseUrl, problems }
}

const { expressPackage, port, databaseUrl, problems } = optionsOf(process.argv.slice(2))
if (problems.length > 0 || !expressPackage || !databaseUrl) {
  console.error(problems.join('\n'))
  process.exit(2)
}

const { default: express } = (await import(expressPackage)) as { default: ExpressModule }
const tickets = await openTicketStore(databaseUrl)
const server = createServer(createTicketingApp(express, tickets))

server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(port, '127.0.0.1', () => console.log('ready'))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => tickets.close().then(() => process.exit(0)))
    server.closeIdleConnections()
  })
}
