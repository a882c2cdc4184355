// Starts real Traefik with the tap for the tap's own tests and benches: a folder of its own, one dynamic file.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findTraefik } from '../../collector/local-stack/parts/traefik.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { until } from './tap-wait.ts'

const TAP_MODULE = 'github.com/understudy-proxy/tap'
const TAP_SOURCE = resolve(import.meta.dirname, '../../traefik/plugins-local/src', TAP_MODULE)

export type Dynamic = { http: { routers: object; services: object; middlewares?: object; serversTransports?: object } }

export type TapTraefik = {
  /** `http://127.0.0.1:<port>` of the web entry point. */
  url: string
  port: number
  apiUrl: string
  pid: number
  folder: string
  log(): Promise<string>
  /** Replaces the dynamic file whole and waits until Traefik serves its routers. */
  apply(dynamic: Dynamic | string): Promise<void>
  /** User and system time of the process so far, in µs. */
  cpuMicros(): Promise<number>
  rssBytes(): Promise<number>
  isRunning(): boolean
  stop(): Promise<void>
}

export type TapTraefikOptions = {
  dynamic: Dynamic | string
  /** Further plugins: module name by plugin name, with the Go source of each. */
  plugins?: Record<string, { module: string; source: string }>
  /** Adds pprof on the API's port. */
  debug?: boolean
  logLevel?: string
  env?: Record<string, string>
}

export async function startTapTraefik(options: TapTraefikOptions): Promise<TapTraefik> {
  const binary = await traefikBinary()
  const folder = await mkdtemp(join(tmpdir(), 'understudy-tap-'))
  const [port, apiPort] = (await freePorts(2)) as [number, number]
  const plugins = await layOutPlugins(folder, options.plugins ?? {})
  await mkdir(join(folder, 'dynamic'))
  const file = join(folder, 'dynamic', 'routes.yaml')
  const staticFile = join(folder, 'traefik.yaml')
  await writeFile(
    staticFile,
    JSON.stringify({
      global: { checkNewVersion: false, sendAnonymousUsage: false },
      log: { level: options.logLevel ?? 'INFO', noColor: true },
      entryPoints: { web: { address: `127.0.0.1:${port}` }, traefik: { address: `127.0.0.1:${apiPort}` } },
      api: { insecure: true, dashboard: false, debug: options.debug ?? false },
      ping: {},
      providers: { providersThrottleDuration: '50ms', file: { directory: join(folder, 'dynamic'), watch: true } },
      experimental: { localPlugins: plugins },
    }),
  )
  await writeDynamic(file, options.dynamic)
  const logFile = join(folder, 'traefik.log')
  const log = openSync(logFile, 'a')
  const child = spawn(binary, [`--configFile=${staticFile}`], {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const pid = child.pid ?? 0
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const stop = async () => {
    if (isRunning()) {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exited
      clearTimeout(force)
    }
    await rm(folder, { recursive: true, force: true })
  }
  const readLog = () => readFile(logFile, 'utf8')
  const hasLoaded = async (dynamic: Dynamic | string) => {
    if (!isRunning()) throw new Error(`Traefik ended: ${(await readLog()).slice(-2_000)}`)
    const answer = await fetch(`${apiUrl}/api/http/routers`).catch(() => undefined)
    if (!answer?.ok || typeof dynamic === 'string') return answer?.ok ?? false
    const routers = (await answer.json()) as { name: string; status: string; error?: string[] }[]
    const broken = routers.find(({ name, status }) => name.endsWith('@file') && status !== 'enabled')
    if (broken)
      throw new Error(`router ${broken.name}: ${broken.error?.join('; ')}\n${(await readLog()).slice(-2_000)}`)
    return Object.keys(dynamic.http.routers).every((name) => routers.some((router) => router.name === `${name}@file`))
  }
  try {
    await until(() => hasLoaded(options.dynamic), 90_000)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    apiUrl,
    pid,
    folder,
    log: readLog,
    apply: async (dynamic) => {
      await writeDynamic(file, dynamic)
      await until(() => hasLoaded(dynamic))
    },
    cpuMicros: () => cpuMicros(pid),
    rssBytes: async () => Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    isRunning,
    stop,
  }
}

/** CPU time of a process in µs, summed over its threads: the kernel's schedstat is exact where /proc/…/stat has 10 ms steps. */
export async function cpuMicros(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`)
  const nanos = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
      return Number(text.split(' ')[0])
    }),
  )
  return nanos.reduce((sum, each) => sum + each, 0) / 1_000
}

async function traefikBinary(): Promise<string> {
  const finding = await findTraefik(process.env)
  if (finding.state === 'missing') throw new Error(finding.line)
  if (finding.state === 'ready') return finding.part.command
  return (await finding.fetch(() => {}, new AbortController().signal)).command
}

async function layOutPlugins(folder: string, extra: Record<string, { module: string; source: string }>) {
  const place = (module: string) => join(folder, 'plugins-local', 'src', module)
  await mkdir(join(place(TAP_MODULE), '..'), { recursive: true })
  await symlink(TAP_SOURCE, place(TAP_MODULE))
  for (const [name, { module, source }] of Object.entries(extra)) {
    await mkdir(place(module), { recursive: true })
    await writeFile(join(place(module), `${name}.go`), source)
    await writeFile(join(place(module), 'go.mod'), `module ${module}\n\ngo 1.22\n`)
    const manifest = { displayName: name, type: 'middleware', import: module, summary: 'For tests.', testData: {} }
    await writeFile(join(place(module), '.traefik.yml'), JSON.stringify(manifest))
  }
  const modules = Object.entries(extra).map(([name, { module }]) => [name, { moduleName: module }])
  return { understudy: { moduleName: TAP_MODULE }, ...Object.fromEntries(modules) }
}

async function writeDynamic(file: string, dynamic: Dynamic | string): Promise<void> {
  const text = typeof dynamic === 'string' ? dynamic : JSON.stringify(dynamic)
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

/** Traefik's mirroring with the two tap middlewares, as README's hand-written file has it; `extra` go to both taps. */
export function tappedMirroring(
  backendUrl: string,
  extra: { route: string; ingestUrl: string },
  more: { router?: string; shadow?: object } = {},
): Dynamic {
  const server = { loadBalancer: { servers: [{ url: backendUrl }] } }
  const tap = (side: object) => ({ plugin: { understudy: { ...extra, ...side } } })
  const router = { rule: 'PathPrefix(`/`)', service: 'mirrored', entryPoints: ['web'] }
  return {
    http: {
      routers: { [more.router ?? extra.route]: router },
      services: {
        primary: server,
        shadow: server,
        shadowLeg: { weighted: { services: [{ name: 'shadow' }] }, middlewares: ['shadowTap'] },
        mirrored: {
          mirroring: { service: 'primary', maxBodySize: 65536, mirrors: [{ name: 'shadowLeg', percent: 100 }] },
          middlewares: ['primaryTap'],
        },
      },
      middlewares: {
        primaryTap: tap({ side: 'primary', expects: ['shadow'] }),
        shadowTap: tap({ side: 'shadow', variant: 'shadow', ...more.shadow }),
      },
    },
  }
}
