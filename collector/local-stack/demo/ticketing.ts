// One side of the demo as a process: `node ticketing.ts --express 4 --port 3000 --database-url postgres://…`.
// Says `ready` on stdout when it listens (on loopback, or on `--host`), ends on SIGTERM or SIGINT. A password may come
// from the file that DATABASE_PASSWORD_FILE names.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { type ExpressVersion, loadExpress } from './load-express.ts'
import { openTicketStore } from './ticket-store.ts'
import { createTicketingApp } from './ticketing-app.ts'

function optionsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      express: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      'database-url': { type: 'string' },
    },
  })
  const version: ExpressVersion | undefined = values.express === '4' ? 4 : values.express === '5' ? 5 : undefined
  const port = Number(values.port)
  const databaseUrl = withPassword(values['database-url'] ?? process.env.DATABASE_URL)
  const problems = [
    version ? '' : `--express is ${values.express ?? 'missing'}: expected 4 or 5`,
    Number.isInteger(port) && port >= 0 && port < 65536
      ? ''
      : `--port is ${values.port ?? 'missing'}: expected 0-65535`,
    databaseUrl ? '' : '--database-url (or DATABASE_URL) is missing: expected postgres://…',
  ].filter(Boolean)
  return { version, host: values.host, port, databaseUrl, problems }
}

function withPassword(databaseUrl: string | undefined): string | undefined {
  const file = process.env.DATABASE_PASSWORD_FILE
  if (!databaseUrl || !file) return databaseUrl
  const url = new URL(databaseUrl)
  url.password = encodeURIComponent(readFileSync(file, 'utf8').trim())
  return url.href
}

const { version, host, port, databaseUrl, problems } = optionsOf(process.argv.slice(2))
if (problems.length > 0 || !version || !databaseUrl) {
  console.error(problems.join('\n'))
  process.exit(2)
}

const tickets = await openTicketStore(databaseUrl)
const server = createServer(createTicketingApp(await loadExpress(version), tickets))

server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(port, host, () => console.log('ready'))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => tickets.close().then(() => process.exit(0)))
    server.closeIdleConnections()
  })
}
