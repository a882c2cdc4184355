// Composition root: settings → edges → roles. Everything that talks to the outside is made here and handed in.
import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { parseConfig } from './config.ts'
import { messageOf, UnderstudyError } from './errors.ts'
import { createLog } from './log.ts'
import { type Collector, startCollector } from './roles/collector.ts'

/** A second signal ends at once; the first gives the roles this long. */
const STOP_WITHIN_MS = 10_000

try {
  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const log = createLog(config.logLevel)
  let collector: Collector | undefined
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    // Nothing has been taken on while it still waits for its parts.
    if (!collector) process.exit(0)
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    collector.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error: messageOf(error) }, 'stop failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // As the first process of a container we get no signal that nobody listens for: the parts may be long in coming.
  collector = await startCollector(config, log)
  // Not only at the end, which may be a kill.
  flushCompileCache()
} catch (error) {
  process.stderr.write(`understudy: ${messageOf(error)}\n`)
  process.exit(error instanceof UnderstudyError && error.code === 'config-invalid' ? 2 : 1)
}
