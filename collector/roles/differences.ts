// What is known of differences besides the pairs themselves: rules, noise, causes and endpoints, each kept up to the store.
import type { StorePolicy } from '../../plugin-config/route.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createEndpoints } from '../pipeline/endpoints.ts'
import { createJudging, type Judging } from '../pipeline/judging.ts'
import { createKnownCauses } from '../pipeline/known-causes.ts'
import type { LanePorts } from '../pipeline/lane.ts'
import { createRarePairs } from '../pipeline/rare-pairs.ts'
import { isKept } from '../pipeline/settled.ts'
import type { BatchPorts } from '../pipeline/settled-batch.ts'
import { readCauseIds } from '../store/cause-read-model.ts'
import { readTemplates, writeTemplates } from '../store/endpoint-store.ts'
import { createNoiseStore } from '../store/noise-store.ts'
import type { Pool } from '../store/pool.ts'
import { openNoise } from './noise-registry.ts'
import type { RuleRegistry } from './rule-registry.ts'

export type Differences = {
  judging: Judging
  batch: BatchPorts
  isKept: LanePorts['isKept']
  endpointOf: (route: string, method: string, uri: string) => string
  /** By all that any process has learned and was told by now. Throws what PostgreSQL throws. */
  judgingNow: () => Promise<Judging>
  /** There may be news in the database: reads soon. */
  look: () => void
  close: () => void
}

const TEMPLATES_EVERY_MS = 10_000

/** The database has to be there: all that was known is read first. */
export async function openDifferences(options: {
  pool: Pool
  rules: RuleRegistry
  /** Templates that the route itself gives; the same array until they change. */
  endpointsOf: (route: string) => readonly string[]
  shadowVersionOf: (route: string, variant: string) => string | undefined
  policyOf: (route: string) => StorePolicy
  /** Told how many units of noise or causes found no room. */
  leftOut: (what: 'noise' | 'causes') => void
  log: Log
}): Promise<Differences> {
  const { pool, rules, log } = options
  const causes = createKnownCauses()
  for (const { route, variant, id } of await readCauseIds(pool)) causes.admit(route, variant, id)
  const rare = createRarePairs()
  const endpoints = createEndpoints(await readTemplates(pool), options.endpointsOf)
  // Last: it looks again and again from then on.
  const noise = await openNoise({ store: createNoiseStore(pool), log })

  const timer = setInterval(() => {
    writeTemplates(pool, endpoints.takeLearned()).catch((error: unknown) =>
      log.debug({ error: messageOf(error) }, 'learned endpoints are stored with the next ones'),
    )
  }, TEMPLATES_EVERY_MS)
  timer.unref()

  const judging = createJudging({
    rulesOf: rules.rulesOf,
    noiseOf: (route) => noise.noiseOf(route, noise.versionOf(route)),
    shadowVersionOf: options.shadowVersionOf,
  })
  return {
    judging,
    async judgingNow() {
      await Promise.all([rules.refresh(), noise.refresh()])
      return judging
    },
    batch: {
      primaryVersionOf: noise.versionOf,
      admitUnit(route, version, unit) {
        const isAdmitted = noise.admit(route, version, unit)
        if (!isAdmitted) options.leftOut('noise')
        return isAdmitted
      },
      admitCause(route, variant, id) {
        const isAdmitted = causes.admit(route, variant, id)
        if (!isAdmitted) options.leftOut('causes')
        return isAdmitted
      },
    },
    isKept: ({ exchange, createdAtMs, route, variant, endpoint }, outcome) =>
      isKept(options.policyOf(route), { exchangeId: exchange.id, outcome }, () =>
        rare.isRare(route, variant, endpoint, createdAtMs),
      ),
    endpointOf: endpoints.endpointOf,
    look: noise.look,
    close() {
      noise.close()
      clearInterval(timer)
    },
  }
}
