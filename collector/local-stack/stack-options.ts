// What `npm start` was asked for: flags and environment → options, or every problem at once. Nothing is started here.
import { resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import { parseRoute, type Route, routeDefaults } from '../../plugin-config/route.ts'

export const stackPorts = {
  web: { env: 'UNDERSTUDY_WEB_PORT', fallback: 8000, what: 'Traefik, for clients' },
  traefikApi: { env: 'UNDERSTUDY_TRAEFIK_API_PORT', fallback: 8002, what: "Traefik's API" },
  http: { env: 'UNDERSTUDY_HTTP_PORT', fallback: 8081, what: "the collector's API" },
  ingest: { env: 'UNDERSTUDY_INGEST_PORT', fallback: 8082, what: "the collector's ingest" },
  kafka: { env: 'UNDERSTUDY_KAFKA_PORT', fallback: 9092, what: 'Kafka' },
  postgres: { env: 'UNDERSTUDY_POSTGRES_PORT', fallback: 5433, what: 'PostgreSQL' },
} as const

export type PortName = keyof typeof stackPorts
export type Ports = Record<PortName, number>

/** Where the routes come from: the demo, two servers of the user's, or a file of the user's. */
export type Routes = { from: 'demo' } | { from: 'flags'; route: Route } | { from: 'file'; path: string }

export type StartOptions = { reset: boolean; routes: Routes; ports: Ports; demoTraffic: boolean }

export type ParsedStart =
  | { kind: 'start'; options: StartOptions }
  | { kind: 'help'; text: string }
  | { kind: 'refused'; problems: string[] }

/** `args` without the program; `folder` is what a relative `--config` starts from. */
export function parseStart(args: string[], env: Record<string, string | undefined>, folder: string): ParsedStart {
  let said = ''
  const command = startCommand().configureOutput({
    writeOut: (text) => {
      said += text
    },
    writeErr: (text) => {
      said += text
    },
  })
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'help', text: said }
    return {
      kind: 'refused',
      problems: [
        said
          .trim()
          .replace(/^error: /, '')
          .replaceAll('\n', ' '),
      ],
    }
  }
  const flags = command.opts<Flags>()
  const problems: string[] = []
  const routes = routesOf(flags, folder, problems)
  const ports = portsOf(flags, env, problems)
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'start', options: { reset: flags.reset === true, routes, ports, demoTraffic: flags.demoTraffic } }
}

type Flags = {
  reset?: true
  config?: string
  primary?: string
  shadow?: string
  rule?: string
  share?: string
  methods?: string
  demoTraffic: boolean
} & Record<string, unknown>

export const portFlag = (name: PortName) => `--port-${name === 'traefikApi' ? 'traefik-api' : name}`

function startCommand(): Command {
  const command = new Command('npm start --')
    .description(
      'Starts Traefik, Kafka, PostgreSQL and the collector here, in front of the demo or of your own services.',
    )
    .exitOverride()
    .allowExcessArguments(false)
    .option('--reset', 'forget the data of earlier runs first')
    .option('--config <file>', 'routes file (understudy.yaml), watched; no demo then')
    .option('--primary <url>', 'your live server, such as http://127.0.0.1:3000; no demo then')
    .option('--shadow <url>', 'the new version of it, such as http://127.0.0.1:3001')
    .option('--rule <rule>', "Traefik's rule for its requests (default: PathPrefix(`/`))")
    .option('--share <percent>', 'percent of the requests that are mirrored (default: 100)')
    .option('--methods <list>', 'methods that are mirrored (default: GET,HEAD,OPTIONS)')
    .option('--no-demo-traffic', 'start the demo services without requests of their own')
  for (const name of Object.keys(stackPorts) as PortName[]) {
    const { env, fallback, what } = stackPorts[name]
    command.option(`${portFlag(name)} <port>`, `${what} (${env}, default: ${fallback})`)
  }
  return command.addHelpText(
    'before',
    'Examples:\n  npm start\n  npm start -- --reset\n  npm start -- --primary http://127.0.0.1:3000 --shadow http://127.0.0.1:3001\n',
  )
}

function routesOf(flags: Flags, folder: string, problems: string[]): Routes {
  const { config, primary, shadow, rule, share, methods } = flags
  const isOwn = primary !== undefined || shadow !== undefined
  if (config !== undefined) {
    if (isOwn) problems.push('--config names the routes already: leave out --primary and --shadow')
    return { from: 'file', path: resolve(folder, config) }
  }
  if (isOwn && primary === undefined) problems.push('--shadow is given without --primary: expected both')
  if (isOwn && shadow === undefined) problems.push('--primary is given without --shadow: expected both')
  if (!isOwn) {
    const lone = Object.entries({ rule, share, methods }).filter(([, value]) => value !== undefined)
    for (const [name] of lone) problems.push(`--${name} belongs to --primary and --shadow, which are missing`)
    return { from: 'demo' }
  }
  if (problems.length > 0) return { from: 'demo' }
  const parsed = parseRoute(
    {
      name: 'default',
      rule: rule ?? 'PathPrefix(`/`)',
      primary: { url: primary },
      shadows: [{ name: 'shadow', url: shadow }],
      ...(share === undefined ? {} : { share: Number(share) }),
      ...(methods === undefined ? {} : { methods: methods.split(',').map((method) => method.trim().toUpperCase()) }),
    },
    'flags',
  )
  if (parsed.ok) return { from: 'flags', route: parsed.route }
  for (const problem of parsed.problems) problems.push(`${flagAt(problem.pointer)}: ${problem.message}`)
  return { from: 'demo' }
}

/** The flag that a place in the route came from. */
function flagAt(pointer: string): string {
  const [, first = ''] = pointer.split('/')
  return first === 'shadows' ? '--shadow' : first === '' ? 'the route' : `--${first}`
}

function portsOf(flags: Flags, env: Record<string, string | undefined>, problems: string[]): Ports {
  const owners = new Map<number, string>()
  const entries = (Object.keys(stackPorts) as PortName[]).map((name) => {
    const setting = stackPorts[name]
    const key = portFlag(name)
      .slice(2)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    const flag = flags[key] as string | undefined
    const [source, text] = flag === undefined ? [setting.env, env[setting.env]] : [portFlag(name), flag]
    const port = text === undefined || text === '' ? setting.fallback : Number(text)
    const owner = owners.get(port)
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      problems.push(`${source}=${text}: expected a port, 1 to 65535`)
    else if (owner !== undefined)
      problems.push(`port ${port} is for ${owner} and for ${setting.what}: expected two different ones`)
    owners.set(port, setting.what)
    return [name, port] as const
  })
  return Object.fromEntries(entries) as Ports
}

/** The demo: every difference is kept, and the client sees the exchange's id. */
export function demoRoute(primaryUrl: string, shadowUrl: string): Route {
  return {
    ...routeDefaults('flags'),
    name: 'ticketing',
    rule: 'PathPrefix(`/api/ticketing`)',
    primary: { url: primaryUrl },
    shadows: [{ name: 'shadow', url: shadowUrl, sandbox: true }],
    // A search form posts its fields and changes nothing, so it may be mirrored.
    operations: ['POST /api/ticketing/tickets/search'],
  }
}
