// How long a newcomer waits: from a fresh clone with empty caches of ours, and at every later start.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freePorts } from '../../collector/local-stack/ports.ts'
import type { Bench, Report } from './bench.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const FIRST_DIFFERENCE = /^The first request that the two versions answered differently/
const GIVE_UP_MS = 600_000

type Run = { firstSeconds: number; upSeconds: number; downloadSeconds: number }

export const bench: Bench = {
  name: 'start',
  title: 'npm start, from a fresh clone and warm, until the first difference is shown',
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-start-'))
    chmodSync(folder, 0o711)
    try {
      const clone = join(folder, 'understudy')
      copyTree(clone)
      const env = await environment(folder)
      const cold = await npmStart(clone, env, report)
      const warm = await npmStart(clone, env, report)
      report.figure({
        name: 'fresh clone to the first difference, without downloads',
        value: cold.firstSeconds - cold.downloadSeconds,
        unit: 's',
        baseline: { name: 'with downloads', value: cold.firstSeconds },
      })
      report.figure({
        name: 'fresh clone to the first difference',
        value: cold.firstSeconds,
        unit: 's',
        bar: { atMost: 180 },
      })
      report.figure({ name: 'of which downloads', value: cold.downloadSeconds, unit: 's' })
      report.figure({ name: 'warm start until it is up', value: warm.upSeconds, unit: 's', bar: { atMost: 20 } })
      report.figure({
        name: 'warm start to the first difference',
        value: warm.firstSeconds,
        unit: 's',
        bar: { atMost: 20 },
      })
      report.method(
        'a copy of the tree without node_modules, an empty UNDERSTUDY_CACHE; npm, pip and Maven keep their own caches',
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** What git knows and what it does not know yet, so that the tree is measured as it is. */
function copyTree(target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const path of new Set(listed.split('\0'))) {
    if (path === '') continue
    mkdirSync(dirname(join(target, path)), { recursive: true })
    try {
      cpSync(join(ROOT, path), join(target, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** The machine's own Node, not the one that an npm script of this tree puts on PATH. */
async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules'))
    .join(delimiter)
  const {
    KAFKA_BROKERS: _kafka,
    DATABASE_URL: _database,
    UNDERSTUDY_HOME: _home,
    npm_execpath: _npm,
    ...rest
  } = process.env
  const names = ['WEB', 'TRAEFIK_API', 'HTTP', 'INGEST', 'KAFKA', 'POSTGRES']
  const ports = await freePorts(names.length)
  const settings = Object.fromEntries(names.map((name, at) => [`UNDERSTUDY_${name}_PORT`, String(ports[at])]))
  return { ...rest, ...settings, PATH, UNDERSTUDY_CACHE: join(folder, 'cache') }
}

async function npmStart(folder: string, env: NodeJS.ProcessEnv, report: Report): Promise<Run> {
  const startedAt = performance.now()
  const elapsed = () => (performance.now() - startedAt) / 1000
  const child = spawn('npm', ['start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const giveUp = setTimeout(() => child.kill('SIGTERM'), GIVE_UP_MS)
  const run: Partial<Run> = {}
  let packagesSeconds = 0
  let partsSeconds = 0
  for await (const line of createInterface({ input: child.stdout })) {
    report.progress(line)
    packagesSeconds += Number(/^setup: packages installed in ([\d.]+) s/.exec(line)?.[1] ?? 0)
    // Parts are fetched side by side: the longest counts.
    partsSeconds = Math.max(partsSeconds, Number(/ fetched in ([\d.]+) s/.exec(line)?.[1] ?? 0))
    if (line.startsWith('Understudy is up')) run.upSeconds = elapsed()
    if (!FIRST_DIFFERENCE.test(line) || run.firstSeconds !== undefined) continue
    run.firstSeconds = elapsed()
    child.kill('SIGINT')
  }
  await ended
  clearTimeout(giveUp)
  if (run.firstSeconds === undefined) throw new Error(`npm start in ${folder} ended without a difference`)
  return {
    firstSeconds: run.firstSeconds,
    upSeconds: run.upSeconds ?? run.firstSeconds,
    downloadSeconds: packagesSeconds + partsSeconds,
  }
}
