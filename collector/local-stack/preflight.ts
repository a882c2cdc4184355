// Everything that can be known before anything is started: parts, ports, the routes file. All problems together.
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { parseRoutesFile, problemText } from '../../plugin-config/routes-file.ts'
import { messageOf } from '../errors.ts'
import type { Finding } from './parts/finding.ts'
import { findKafka, type KafkaPart } from './parts/kafka.ts'
import { findPostgres, type PostgresPart } from './parts/postgres.ts'
import { findTraefik, type TraefikPart } from './parts/traefik.ts'
import { isPortTaken } from './ports.ts'
import { type PortName, portFlag, type StartOptions, stackPorts } from './stack-options.ts'

export type Env = Record<string, string | undefined>
export type Found<Part> = Exclude<Finding<Part>, { state: 'missing' }>

/** What is started here; a part that the environment names (KAFKA_BROKERS, DATABASE_URL) is not. */
export type Parts = { traefik: Found<TraefikPart>; kafka?: Found<KafkaPart>; postgres?: Found<PostgresPart> }

export type Preflight = { ok: true; parts: Parts } | { ok: false; problems: string[] }

/** One line for each problem, with what to do about it. */
export async function preflight(options: Pick<StartOptions, 'ports' | 'routes'>, env: Env): Promise<Preflight> {
  const hasKafka = Boolean(env.KAFKA_BROKERS)
  const hasPostgres = Boolean(env.DATABASE_URL)
  const [traefik, kafka, postgres, ...others] = await Promise.all([
    findTraefik(env),
    hasKafka ? undefined : findKafka(env),
    hasPostgres ? undefined : findPostgres(),
    portProblems(options.ports, [...(hasKafka ? ['kafka'] : []), ...(hasPostgres ? ['postgres'] : [])]),
    hasKafka ? brokerProblems(env.KAFKA_BROKERS ?? '') : [],
    hasPostgres ? databaseProblems(env.DATABASE_URL ?? '') : [],
    options.routes.from === 'file' ? fileProblems(options.routes.path) : [],
  ])
  const missing = [traefik, kafka, postgres].flatMap((found) => (found?.state === 'missing' ? [found.line] : []))
  const problems = [...missing, ...others.flat()]
  if (problems.length > 0 || traefik.state === 'missing') return { ok: false, problems }
  return {
    ok: true,
    parts: {
      traefik,
      ...(kafka && kafka.state !== 'missing' ? { kafka } : {}),
      ...(postgres && postgres.state !== 'missing' ? { postgres } : {}),
    },
  }
}

async function portProblems(ports: StartOptions['ports'], notOurs: string[]): Promise<string[]> {
  const lines = await Promise.all(
    (Object.keys(stackPorts) as PortName[]).map(async (name) => {
      if (notOurs.includes(name) || !(await isPortTaken(ports[name]))) return []
      return [portTakenLine(name, ports[name])]
    }),
  )
  return lines.flat()
}

export function portTakenLine(name: PortName, port: number): string {
  const { what, env } = stackPorts[name]
  return `Port ${port} (${what}) is taken: end what listens there, or choose another with ${portFlag(name)} or ${env}`
}

async function brokerProblems(brokers: string): Promise<string[]> {
  const [first = ''] = brokers.split(',')
  const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(first.trim()) ?? []
  if (await answers(host, Number(port))) return []
  return [
    `Kafka: nothing answers at KAFKA_BROKERS=${brokers}: start it, or unset KAFKA_BROKERS to have one started here`,
  ]
}

async function databaseProblems(text: string): Promise<string[]> {
  const mend = 'start it, or unset DATABASE_URL to have one started here'
  if (!URL.canParse(text))
    return ['PostgreSQL: DATABASE_URL is no URL: expected postgres://user:password@host:port/database']
  const { hostname, port } = new URL(text)
  if (await answers(hostname, Number(port || 5432))) return []
  return [`PostgreSQL: nothing answers at ${hostname}:${port || 5432} (DATABASE_URL): ${mend}`]
}

async function fileProblems(path: string): Promise<string[]> {
  try {
    const parsed = parseRoutesFile(await readFile(path, 'utf8'), path)
    return parsed.ok ? [] : parsed.problems.map(problemText)
  } catch (error) {
    return [`--config: ${path} cannot be read (${messageOf(error)})`]
  }
}

function answers(host: string, port: number): Promise<boolean> {
  if (host === '' || !(port > 0 && port < 65536)) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3_000 })
    const done = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => done(true))
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
  })
}
