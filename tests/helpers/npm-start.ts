// Runs `npm start` as a user does, but in a folder and on ports of its own, and reads what it prints.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { identityOf } from '../../collector/local-stack/parts/process-identity.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { waitUntil } from './wait-until.ts'

const START = resolve(import.meta.dirname, '../../collector/local-stack/start.ts')
/** Under load, on the first start of the day: never the expected time, only the point of giving up. */
const UP_WITHIN_MS = 180_000

export type StackFolder = { home: string; env: Record<string, string | undefined>; remove: () => Promise<void> }

/** A home for stacks that are started one after the other: the same data, the same ports. */
export async function stackFolder(): Promise<StackFolder> {
  const home = await mkdtemp(join(tmpdir(), 'understudy-start-'))
  // PostgreSQL may run as another user than we do, and has to come through.
  await chmod(home, 0o711)
  const names = ['WEB', 'TRAEFIK_API', 'HTTP', 'INGEST', 'KAFKA', 'POSTGRES']
  const ports = await freePorts(names.length)
  const { KAFKA_BROKERS: _kafka, DATABASE_URL: _database, ...rest } = process.env
  const env = {
    ...rest,
    UNDERSTUDY_HOME: home,
    ...Object.fromEntries(names.map((name, at) => [`UNDERSTUDY_${name}_PORT`, String(ports[at])])),
  }
  return { home, env, remove: () => rm(home, { recursive: true, force: true }) }
}

export type StartedStack = {
  pid: number
  output: () => string
  /** Waits until the output has it. */
  says: (text: string | RegExp, withinMs?: number) => Promise<void>
  /** What it wrote down for the CLI. */
  file: () => Promise<{ proxy: string; api: string; databaseUrl: string; kafkaBrokers: string }>
  /** Every process of it that still runs, ids with what identifies them. */
  processes: () => Promise<{ pid: number; identity: string | undefined }[]>
  /** Sends the signal and gives the exit code. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>
}

export function runStart(folder: StackFolder, args: string[] = []): StartedStack {
  const child = spawn(process.execPath, [START, ...args], { env: folder.env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const has = (text: string | RegExp) => (typeof text === 'string' ? output.includes(text) : text.test(output))
  const file = async () => JSON.parse(await readFile(join(folder.home, 'stack.json'), 'utf8'))
  return {
    pid: child.pid as number,
    output: () => output,
    says: async (text, withinMs = UP_WITHIN_MS) => {
      await waitUntil(() => has(text) || hasEnded(child), { withinMs, what: `npm start to say ${text}` })
      if (!has(text)) throw new Error(`npm start ended with code ${child.exitCode}:\n${output}`)
    },
    file,
    processes: async () => (await file()).children.filter((one: Child) => identityOf(one.pid) === one.identity),
    end: (signal = 'SIGINT') => {
      if (!hasEnded(child)) child.kill(signal)
      return ended
    },
  }
}

type Child = { pid: number; identity: string | undefined }

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
