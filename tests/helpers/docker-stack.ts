// The production stack for one test file: its own project, ports, secrets and folder for Traefik, gone at the end.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialise } from '../../collector/cli/init.ts'
import {
  bringUp,
  PROJECT_FOLDER,
  prepareStack,
  type Stack,
} from '../../collector/local-stack/docker/production-stack.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { openDocker, type TestDocker } from './docker.ts'

export type DockerStack = Stack & {
  docker: TestDocker
  project: string
  webUrl: string
  tlsPort: number
  adminUrl: string
  adminToken: string
  /** Folder that Traefik's file provider watches. */
  dynamicDir: string
  secretsDir: string
  /** Seconds from `docker compose up` until everything was healthy. */
  up: () => Promise<number>
  /** `GET` on the collector's API from this machine, without a login. */
  api: <Value>(path: string) => Promise<Value>
  post: (path: string, body: unknown) => Promise<void>
  /** A Compose project of somebody else on the network `understudy`: services on the tiny server. */
  ownProject: (name: string, services: Record<string, Record<string, string>>) => Promise<void>
  id: (service: string) => Promise<string>
  logs: (service: string) => Promise<string>
  remove: () => Promise<void>
}

export async function openDockerStack(options: {
  profiles: string[]
  settings?: Record<string, string>
  /** Further Compose files, after the production one. */
  files?: string[]
}): Promise<DockerStack> {
  const docker = await openDocker()
  const folder = mkdtempSync(join(tmpdir(), 'understudy-stack-'))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'traefik/dynamic'), { recursive: true })
  copyFileSync(join(PROJECT_FOLDER, '.env.example'), join(folder, '.env.example'))
  initialise(folder)
  const dynamicDir = join(folder, 'traefik/dynamic')
  const secretsDir = join(folder, '.secrets')
  const [web, tls, admin, grafana] = (await freePorts(4)) as [number, number, number, number]
  const project = 'understudy-test'
  const { engine, images } = docker
  const stack = await prepareStack({
    engine,
    compose: await docker.compose(),
    images,
    profiles: options.profiles,
    files: options.files ?? [],
    project,
    progress: () => {},
    settings: {
      UNDERSTUDY_WEB_PORT: String(web),
      UNDERSTUDY_WEBSECURE_PORT: String(tls),
      UNDERSTUDY_ADMIN_PORT: String(admin),
      GRAFANA_PORT: String(grafana),
      UNDERSTUDY_DYNAMIC_DIR: dynamicDir,
      UNDERSTUDY_SECRETS: secretsDir,
      ...options.settings,
    },
  })
  const projects: { name: string; file: string }[] = []
  const adminUrl = `http://127.0.0.1:${admin}`
  const own = (name: string, file: string, args: string[]) =>
    docker.composeCommand(['--project-name', name, '--file', file, ...args])
  return {
    ...stack,
    docker,
    project,
    webUrl: `http://127.0.0.1:${web}`,
    tlsPort: tls,
    adminUrl,
    adminToken: readFileSync(join(secretsDir, 'admin-token'), 'utf8').trim(),
    dynamicDir,
    secretsDir,
    async up() {
      const startedAt = performance.now()
      await bringUp(stack, 240)
      return (performance.now() - startedAt) / 1000
    },
    async api<Value>(path: string) {
      const response = await fetch(`${adminUrl}${path}`)
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as Value
    },
    async post(path, body) {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${adminUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
    },
    async ownProject(name, services) {
      const image = await docker.images.tinyServer()
      const file = join(folder, `${name}.yaml`)
      const each = (service: string) => ({
        image,
        environment: { NAME: service },
        labels: services[service],
        networks: ['understudy'],
      })
      const project = {
        services: Object.fromEntries(Object.keys(services).map((service) => [service, each(service)])),
        networks: { understudy: { external: true } },
      }
      writeFileSync(file, JSON.stringify(project))
      if (!projects.some((one) => one.name === name)) projects.push({ name, file })
      const { code, output } = await own(name, file, ['up', '--detach', '--wait'])
      if (code !== 0) throw new Error(`docker compose up of ${name}: ${output}`)
    },
    id: async (service) => (await stack.compose(['ps', '--all', '--quiet', service])).output.trim(),
    logs: async (service) => (await stack.compose(['logs', '--no-color', '--no-log-prefix', service])).output,
    async remove() {
      for (const { name, file } of projects) await own(name, file, ['down', '--timeout', '1'])
      await stack.compose(['down', '--volumes', '--timeout', '10'])
      await docker.removeAll()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Asked = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

/** One request on a connection of its own, or on the agent's. Rejects without an answer. */
export function ask(
  url: string,
  headers: Record<string, string> = {},
  agent?: import('node:http').Agent,
): Promise<Asked> {
  return new Promise((answered, failed) => {
    const request = get(url, { headers, agent: agent ?? false, timeout: 60_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => answered({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', failed)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in a minute')))
    request.on('error', failed)
  })
}
