// `npm start`: the main job on the real parts, in one command.
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { announcement } from './announce.ts'
import { type Ask, askCollector, countsLine, differenceLines, findDifference, findRefusals } from './collector-view.ts'
import { preflight } from './preflight.ts'
import { endLeftovers, homeAt, readStackFile, resetHome, type StackFile, takeHome } from './stack-home.ts'
import { parseStart, type StartOptions } from './stack-options.ts'
import { type Stack, startStack } from './start-stack.ts'
import { buildUi } from './ui-build.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const STATUS_EVERY_MS = 10_000
const ROUTED_WITHIN_MS = 15_000
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
  const running: { starts?: Promise<Stack>; stack?: Stack } = {}
  const ending = whenEnded(starting, running)

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
    // Beside the stack, whose start takes longer; without its UI it is still a stack.
    const isUiBuilt = buildUi(starting.signal).catch((error: unknown) => {
      if (!starting.signal.aborted) say('UI', messageOf(error))
    })
    running.starts = startStack({ ...options, parts, home, dynamicDir, env, say, signal: starting.signal })
    const stack = await running.starts
    running.stack = stack
    const ask = askCollector(stack.file.api, env.UNDERSTUDY_ADMIN_TOKEN)
    const refusals = await untilRouted(ask, starting.signal)
    await isUiBuilt
    if (starting.signal.aborted) return await ending
    const isDemo = options.routes.from === 'demo'
    const { file, kafkaClassPath } = stack
    const seconds = (performance.now() - startedAt) / 1000
    for (const line of announcement({ file, home: home.folder, seconds, kafkaClassPath, isDemo })) print(line)
    for (const line of refusals) print(`Not mirrored: ${line}`)
    void watch({ ask, file, stopped: starting.signal, hasTraffic: isDemo && options.demoTraffic })
  } catch (error) {
    if (!starting.signal.aborted) fail([messageOf(error)], 1)
  }
  await ending
}

/** The first signal stops in order, a second one at once. Settles when everything has ended; then the process may. */
function whenEnded(starting: AbortController, running: { starts?: Promise<Stack>; stack?: Stack }): Promise<void> {
  return new Promise((settle) => {
    let firstAt: number | undefined
    const end = async (code: number) => {
      clearStatus()
      print('Stopping …')
      starting.abort()
      // A start that is under way gives up and stops what it has started by itself.
      await running.starts?.then(
        (stack) => stack.stop(),
        () => {},
      )
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
        running.stack?.kill()
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

/** Waits until Traefik has what the routes want; what it does not have comes back with the reason. */
async function untilRouted(ask: Ask, stopped: AbortSignal): Promise<string[]> {
  const deadline = performance.now() + ROUTED_WITHIN_MS
  while (performance.now() < deadline && !stopped.aborted) {
    const refusals = await findRefusals(ask).catch(() => undefined)
    if (refusals) return refusals
    await delay(100)
  }
  return ['Traefik has not taken the routes yet; npm run -s understudy -- doctor tells why']
}

type Watched = { ask: Ask; file: StackFile; stopped: AbortSignal; hasTraffic: boolean }

/** Shows the first difference of this run, then, on a terminal, a line of counts that renews itself. */
async function watch({ ask, file, stopped, hasTraffic }: Watched): Promise<void> {
  if (!hasTraffic) print(`Waiting for requests to ${file.proxy}`)
  let isShown = false
  let nextStatusAt = performance.now() + STATUS_EVERY_MS
  while (!stopped.aborted) {
    if (!isShown) {
      const found = await findDifference(ask, file.startedAt).catch(() => undefined)
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
