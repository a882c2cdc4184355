// `npm start`: the main job on the real parts, in one command.
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { announcement } from './announce.ts'
import { askCollector, countsLine, differenceLines, findDifference } from './collector-view.ts'
import { preflight } from './preflight.ts'
import { endLeftovers, homeAt, readStackFile, resetHome, takeHome } from './stack-home.ts'
import { parseStart, type StartOptions } from './stack-options.ts'
import { type Stack, startStack } from './start-stack.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const STATUS_EVERY_MS = 10_000
/** npm hands on the Ctrl-C that the terminal has sent to us already: such an echo is no second one. */
const ECHO_MS = 700

const env = process.env
const home = homeAt(env.UNDERSTUDY_HOME ? resolve(env.UNDERSTUDY_HOME) : join(ROOT, '.understudy'))
const startedAt = performance.now()

const say = (part: string, message: string) => print(`  ${part.padEnd(11)} ${message}`)
const fail = (lines: string[], code: number): never => {
  for (const line of lines) process.stderr.write(`understudy: ${line}\n`)
  process.exit(code)
}

const parsed = parseStart(process.argv.slice(2), env, env.INIT_CWD ?? process.cwd())
if (parsed.kind === 'help') {
  process.stdout.write(parsed.text)
  process.exit(0)
}
await run(parsed.kind === 'refused' ? fail([...parsed.problems, 'npm start -- --help tells more'], 2) : parsed.options)

async function run(options: StartOptions): Promise<void> {
  const lock = takeHome(home)
  if (!lock.taken) {
    const proxy = readStackFile(home)?.proxy ?? 'starting'
    fail([`already running (process ${lock.holder}, ${proxy}): end it with Ctrl-C where it was started`], 1)
    return
  }
  process.once('exit', lock.release)
  const starting = new AbortController()
  let stack: Stack | undefined
  const ending = whenEnded(starting, () => stack)

  try {
    const left = await endLeftovers(home, delay)
    if (left.length > 0) print(`Ended what an earlier run left behind: ${left.join(', ')}`)
    if (options.reset) {
      resetHome(home)
      print('Forgot the data of earlier runs')
    }
    const checked = await preflight(options, env)
    if (!checked.ok) return fail(checked.problems, 1)
    print('Understudy starts: Traefik, Kafka, PostgreSQL, the collector')
    const dynamicDir =
      env.UNDERSTUDY_TRAEFIK_DYNAMIC_DIR ?? join(env.UNDERSTUDY_HOME ? home.folder : join(ROOT, 'traefik'), 'dynamic')
    const { parts } = checked
    stack = await startStack({ ...options, parts, home, dynamicDir, env, say, signal: starting.signal })
    const isDemo = options.routes.from === 'demo'
    const { file, kafkaClassPath } = stack
    const seconds = (performance.now() - startedAt) / 1000
    for (const line of announcement({ file, home: home.folder, seconds, kafkaClassPath, isDemo })) print(line)
    void watch(stack, starting.signal, isDemo && options.demoTraffic)
  } catch (error) {
    if (!starting.signal.aborted) fail([messageOf(error)], 1)
  }
  await ending
}

/** The first signal stops in order, a second one at once. Settles when everything has ended; then the process may. */
function whenEnded(starting: AbortController, running: () => Stack | undefined): Promise<void> {
  return new Promise((settle) => {
    let firstAt: number | undefined
    const end = async (code: number) => {
      clearStatus()
      print('Stopping …')
      starting.abort()
      await running()?.stop()
      print('Stopped; the data is kept')
      settle()
      process.exit(code)
    }
    const onSignal = () => {
      const now = performance.now()
      if (firstAt === undefined) {
        firstAt = now
        void end(0)
      } else if (now - firstAt > ECHO_MS) {
        running()?.kill()
        process.exit(0)
      }
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
    const onUncaught = (error: unknown) => {
      process.stderr.write(`understudy: ${messageOf(error)}\n`)
      if (firstAt === undefined) {
        firstAt = performance.now()
        void end(1)
      }
    }
    process.on('uncaughtException', onUncaught)
    process.on('unhandledRejection', onUncaught)
  })
}

/** Shows the first difference of this run, then, on a terminal, a line of counts that renews itself. */
async function watch(stack: Stack, stopped: AbortSignal, hasTraffic: boolean): Promise<void> {
  const ask = askCollector(stack.file.api, env.UNDERSTUDY_ADMIN_TOKEN)
  if (!hasTraffic) print(`Waiting for requests to ${stack.file.proxy}`)
  let isShown = false
  let nextStatusAt = performance.now() + STATUS_EVERY_MS
  while (!stopped.aborted) {
    if (!isShown) {
      const found = await findDifference(ask, stack.file.startedAt).catch(() => undefined)
      if (found && !stopped.aborted) {
        isShown = true
        clearStatus()
        for (const line of [...differenceLines(found), '']) print(line)
      }
    }
    if (process.stdout.isTTY && performance.now() > nextStatusAt) {
      nextStatusAt = performance.now() + STATUS_EVERY_MS
      const metrics = await ask<string>('/metrics').catch(() => undefined)
      if (metrics !== undefined && !stopped.aborted) {
        clearStatus()
        process.stdout.write(`${new Date().toLocaleTimeString()}  ${countsLine(metrics)}`)
      }
    }
    await delay(isShown ? 1_000 : 250, undefined, { signal: stopped }).catch(() => {})
  }
}

function print(line: string): void {
  clearStatus()
  process.stdout.write(`${line}\n`)
}

function clearStatus(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[K')
}
