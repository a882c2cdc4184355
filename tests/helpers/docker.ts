// A real engine for the tests in tests/docker: one for a whole run, which the run ends if the run has started it.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Compose, findCompose } from '../../collector/local-stack/docker/compose.ts'
import { type Engine, findEngine } from '../../collector/local-stack/docker/engine.ts'
import { ensureImage } from '../../collector/local-stack/docker/image-builder.ts'
import { createPartImages, type PartImages } from '../../collector/local-stack/docker/part-images.ts'
import type { Finding } from '../../collector/local-stack/parts/finding.ts'
import { runTool, type ToolResult } from '../../collector/local-stack/parts/run-tool.ts'

const TINY_SERVER = resolve(import.meta.dirname, 'tiny-server')

export type TestDocker = {
  engine: Engine
  images: PartImages & {
    /** A static server of a few MB that says who it is: `NAME`, `PORT` (8080); `/health`, `?status=`, `?sleepMs=`, `?bytes=`. */
    tinyServer: () => Promise<string>
  }
  compose: () => Promise<Compose>
  /** `docker compose …`. Never throws for a command that fails. */
  composeCommand: (args: string[]) => Promise<ToolResult>
  /** `docker …`; throws with its output when it fails. */
  run: (...args: string[]) => Promise<string>
  /** Starts a container in the background, which `removeAll` ends; gives its id. */
  start: (...args: string[]) => Promise<string>
  /** Makes a network of its own name, which `removeAll` takes away; gives its name. */
  network: () => Promise<string>
  /** Ends what was started through this object. */
  removeAll: () => Promise<void>
}

/** The engine of this run, found by the global set-up. Throws where there is none. */
export async function openDocker(): Promise<TestDocker> {
  const engine = await obtain(findEngine(process.env))
  const signal = AbortSignal.timeout(900_000)
  const containers: string[] = []
  const networks: string[] = []
  const run = async (...args: string[]) => {
    const { code, output } = await engine.docker(args)
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${output.trim()}`)
    return output.trim()
  }
  return {
    engine,
    images: { ...createPartImages(engine, say, signal), tinyServer: () => tinyServer(engine, signal) },
    compose: () => obtain(findCompose(engine.env)),
    async composeCommand(args) {
      const [file = 'docker', ...first] = (await obtain(findCompose(engine.env))).command
      return runTool(file, [...first, ...args], { env: engine.env })
    },
    run,
    async start(...args) {
      const id = (await run('run', '--detach', ...args)).split('\n').at(-1) ?? ''
      containers.push(id)
      return id
    },
    async network() {
      const name = `understudy-test-${randomBytes(4).toString('hex')}`
      await run('network', 'create', name)
      networks.push(name)
      return name
    },
    async removeAll() {
      for (const id of containers.splice(0)) await engine.docker(['rm', '--force', '--volumes', id])
      for (const name of networks.splice(0)) await engine.docker(['network', 'rm', name])
    },
  }
}

async function tinyServer(engine: Engine, signal: AbortSignal): Promise<string> {
  const source = await readFile(join(TINY_SERVER, 'main.go'))
  const folder = await mkdtemp(join(tmpdir(), 'understudy-tiny-'))
  const files = async () => {
    const env = { ...process.env, CGO_ENABLED: '0' }
    const args = ['build', '-trimpath', '-o', join(folder, 'server'), '.']
    const { code, output } = await runTool('go', args, { cwd: TINY_SERVER, env })
    if (code !== 0) throw new Error(`go build of the tiny server: ${output}`)
    return { server: join(folder, 'server') }
  }
  const dockerfile = [
    'FROM scratch',
    'COPY server /server',
    'HEALTHCHECK --interval=1s --timeout=30s CMD ["/server", "healthcheck"]',
    'ENTRYPOINT ["/server"]',
    '',
  ].join('\n')
  const version = createHash('sha256').update(source).digest('hex').slice(0, 8)
  try {
    return await ensureImage(engine, { name: 'understudy-parts/tiny-server', version, dockerfile, files }, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function obtain<Part>(finding: Finding<Part> | Promise<Finding<Part>>): Promise<Part> {
  const found = await finding
  if (found.state === 'ready') return found.part
  if (found.state === 'missing') throw new Error(found.line)
  return found.fetch(say, AbortSignal.timeout(900_000))
}

function say(message: string): void {
  process.stderr.write(`${message}\n`)
}
