// Makes partitions ahead of the traffic and drops what retention no longer keeps, again and again.
import type { Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { dropOldPartitions, makePartitions } from '../store/partitions.ts'
import type { Pool } from '../store/pool.ts'

const EVERY_MS = 10 * 60_000
const LEDGER_HOURS = 6

/** The first time is one interval from now: who starts makes the partitions of today. */
export function keepPartitions(options: {
  config: Pick<Config, 'retentionDays' | 'retentionGib'>
  pool: Pool
  log: Log
  now: () => number
}): { close: () => void } {
  const { config, pool, log, now } = options
  const timer = setInterval(() => {
    const keep = { days: config.retentionDays, maxBytes: config.retentionGib * 1024 ** 3, ledgerHours: LEDGER_HOURS }
    makePartitions(pool, now())
      .then(() => dropOldPartitions(pool, now(), keep))
      .then((dropped) => dropped.length > 0 && log.info({ dropped }, 'retention dropped partitions'))
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'partitions are looked after again later'))
  }, EVERY_MS)
  return { close: () => clearInterval(timer) }
}
