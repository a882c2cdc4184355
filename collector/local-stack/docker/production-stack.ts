// docker-compose.yaml as it is, on images that were made here: an override changes their names and nothing else.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { initialise } from '../../cli/init.ts'
import { UnderstudyError } from '../../errors.ts'
import type { Progress } from '../parts/finding.ts'
import { runTool, type ToolResult } from '../parts/run-tool.ts'
import type { Compose } from './compose.ts'
import { type Engine, engineHome } from './engine.ts'
import type { PartImages } from './part-images.ts'

export const PROJECT_FOLDER = resolve(import.meta.dirname, '../../..')

export type Stack = {
  /** `docker compose …` on this project. Never throws for a command that fails. */
  compose: (args: string[], onLine?: (line: string) => void) => Promise<ToolResult>
}

export type StackOptions = {
  engine: Engine
  compose: Compose
  /** Undefined: the images that docker-compose.yaml names, pulled and built by Compose. */
  images: PartImages | undefined
  profiles: string[]
  /** Compose's project name; `understudy` unless told. */
  project?: string
  /** For what .env would say. */
  settings?: Record<string, string>
  /** Further Compose files, after the production one. */
  files?: string[]
  progress: Progress
}

/** Makes what the stack needs before its first start: secrets, images. It starts nothing. */
export async function prepareStack(options: StackOptions): Promise<Stack> {
  const { engine, compose, images, profiles, project, settings = {}, files = [], progress } = options
  if (settings.UNDERSTUDY_SECRETS === undefined) initialise(PROJECT_FOLDER)
  const override = images === undefined ? [] : [await writeOverride(engine, images, profiles, project ?? 'understudy')]
  const [command = 'docker', ...first] = compose.command
  const socket = engine.host.startsWith('unix://') ? { DOCKER_SOCKET: engine.host.slice('unix://'.length) } : {}
  const env = { ...engine.env, ...socket, ...settings }
  const named = [
    ...['--project-directory', PROJECT_FOLDER, '--file', join(PROJECT_FOLDER, 'docker-compose.yaml')],
    ...[...override, ...files].flatMap((file) => ['--file', file]),
    ...(project ? ['--project-name', project] : []),
    ...profiles.flatMap((profile) => ['--profile', profile]),
  ]
  progress('docker-compose.yaml …')
  return {
    compose: (args, onLine) =>
      runTool(command, [...first, ...named, ...args], { env, cwd: PROJECT_FOLDER, ...(onLine && { onLine }) }),
  }
}

/** Grafana's image cannot be made from parts: that service stays away. */
async function writeOverride(engine: Engine, images: PartImages, profiles: string[], name: string): Promise<string> {
  const demo = profiles.includes('demo') ? { image: await images.demo() } : undefined
  const text = stringify({
    services: {
      traefik: { image: await images.traefik() },
      'docker-proxy': { image: await images.dockerProxy() },
      kafka: { image: await images.kafka() },
      postgres: { image: await images.postgres() },
      collector: { image: await images.collector() },
      ...(profiles.includes('observability') && { prometheus: { image: await images.prometheus() } }),
      ...(demo && { ticketing: demo, 'ticketing-shadow': demo, 'demo-traffic': demo }),
    },
  })
  const { folder } = engineHome(engine.env)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `images-${name}.yaml`)
  writeFileSync(file, `${text}  grafana: { profiles: !override [needs-its-own-image] }\n`)
  return file
}

/** Starts everything and waits until all of it is healthy. Throws with Compose's own last words. */
export async function bringUp(stack: Stack, withinSeconds: number): Promise<void> {
  const { code, output } = await stack.compose([
    ...['up', '--detach', '--wait', '--wait-timeout', String(withinSeconds)],
    ...['--pull', 'missing', '--remove-orphans'],
  ])
  if (code !== 0) throw whyNotUp(output)
}

/** Compose's last words as one line, with what mends it where that is known. */
export function whyNotUp(output: string): UnderstudyError {
  const taken = /(?:Bind for|listen tcp4?) \S*?:(\d+)/.exec(output)?.[1]
  if (taken !== undefined && /already (?:allocated|in use)/.test(output)) {
    const mend = 'end it, or set another port in .env (UNDERSTUDY_WEB_PORT, _WEBSECURE_PORT, _ADMIN_PORT, GRAFANA_PORT)'
    return new UnderstudyError('port-taken', `Port ${taken} is taken by another program: ${mend}`, { retriable: false })
  }
  const missing = /bind source path does not exist: (\S+)/.exec(output)?.[1]
  if (missing !== undefined) {
    const mend = '`npm run -s understudy -- init` makes the secrets'
    return new UnderstudyError('part-missing', `${missing} is not there: ${mend}`, { retriable: false })
  }
  const last = output.trim().split('\n').slice(-4).join(' | ')
  return new UnderstudyError('unexpected', `docker compose up: ${last}`, { retriable: false })
}
