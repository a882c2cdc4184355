// Puts the roles of one process together, in the order in which data flows, and takes them apart again.
import { hostname } from 'node:os'
import type { Component } from '../api/schemas.ts'
import type { Config, Role } from '../config.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import { createKafka } from '../kafka/client.ts'
import { createRecordWriter } from '../kafka/producer.ts'
import { readTopicRange } from '../kafka/topic-range.ts'
import { createTopicTail } from '../kafka/topic-tail.ts'
import { ensureTopics, topicNames } from '../kafka/topics.ts'
import type { Log } from '../log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { readPublished } from '../pipeline/published.ts'
import { retryUntil } from '../pipeline/retry-until.ts'
import { createTargetGuard } from '../rollout/target-guard.ts'
import { openChangeFeed } from '../store/change-feed.ts'
import { createComparisonReadModel } from '../store/comparison-read-model.ts'
import { createControlStateStore } from '../store/control-state-store.ts'
import { migrate } from '../store/migrate.ts'
import { makePartitions } from '../store/partitions.ts'
import { createPastOutcomeReader } from '../store/past-outcome-reader.ts'
import { createPool } from '../store/pool.ts'
import { createRuleStore } from '../store/rule-store.ts'
import { endSilentTaps, writeTapReport } from '../store/tap-report-store.ts'
import { createApiParts } from './api-parts.ts'
import { startApi } from './api-role.ts'
import { openComparePart } from './compare-part.ts'
import type { CompareRole } from './compare-role.ts'
import { createConfigReader } from './config-reader.ts'
import { openControlPart } from './control-part.ts'
import { type Differences, openDifferences } from './differences.ts'
import { createEventJournal } from './event-journal.ts'
import { createHistory } from './history.ts'
import { startIngest } from './ingest-role.ts'
import { openMessageSets } from './message-sets.ts'
import { ownAddresses } from './own-addresses.ts'
import { createRedactor } from './redactor.ts'
import { openRouteParts } from './route-parts.ts'
import { openRules } from './rule-registry.ts'
import { readSecret } from './secrets.ts'
import { sideUrls } from './side-urls.ts'
import { databaseStatus, kafkaStatus, pairingStatus, tapsStatus } from './status.ts'
import { openVerdicts } from './verdict-parts.ts'
import { version } from './version.ts'

export type Collector = { close: () => Promise<void> }

/** The API answers first; until all is up, nobody may be told that this process is ready. */
const starting = (): Component => ({
  name: 'collector',
  state: 'down',
  detail: 'is starting',
  mend: 'wait a few seconds; its log tells what it waits for',
})

export async function startCollector(config: Config, log: Log): Promise<Collector> {
  const startedAtMs = Date.now()
  const has = (role: Role) => config.roles.includes(role)
  const now = () => Date.now()
  const stopping = new AbortController()
  const metrics = createMetrics()
  metrics.buildInfo.set({ version }, 1)
  /** Run from the first to the last; what starts later stops earlier. */
  const closers: (() => Promise<unknown> | unknown)[] = []
  const statuses: (() => Component | Promise<Component>)[] = [starting]

  const surely = (what: string, work: () => Promise<void>) =>
    retryUntil(work, {
      isStopped: () => stopping.signal.aborted,
      failed: (error, waitMs) => log.warn({ error: messageOf(error), retryInMs: waitMs }, `${what}: tried again`),
    })

  const secretOf = (path: string | undefined) => (path === undefined ? undefined : readSecret(path))
  const hmacKey = secretOf(config.hmacKeyFile)
  const ingestToken = secretOf(config.ingestTokenFile)?.toString('utf8')
  const kafka = createKafka({ brokers: config.kafkaBrokers, clientId: `understudy-${hostname()}`, log })
  const topics = topicNames(config.topicPrefix)
  const pool = createPool({ databaseUrl: config.databaseUrl, name: 'writer', max: 4, statementTimeoutMs: 30_000, log })
  const readers = createPool({
    databaseUrl: config.databaseUrl,
    name: 'reader',
    max: 6,
    statementTimeoutMs: 10_000,
    log,
  })
  closers.unshift(
    () => pool.end(),
    () => readers.end(),
  )
  statuses.push(databaseStatus(readers), kafkaStatus(kafka, topics.taps))
  const events = createEventJournal({ pool, log, now })
  const routeParts = await openRouteParts({
    ...{ config, pool, events, log, now },
    changed() {
      control.changed()
      rules.look()
    },
    fileChanged: () => rules.look(),
  })
  const routes = routeParts.registry
  const states = createControlStateStore(pool)
  closers.unshift(routeParts.close)
  const rules = openRules({
    fileRules: routeParts.fileRules,
    routes: routes.routes,
    stored: createRuleStore(readers).list,
    log,
  })
  const messages = openMessageSets({ routes: routes.routes, log })
  closers.unshift(messages.close)
  const verdictRole = openVerdicts({
    ...{ pool, readers, routes: routes.routes, metrics, log, now },
    discovered: (route, variant) => control.imageVersions(route, variant),
    record: events.recordEvent,
    noted: () => events.look(),
  })
  const { verdicts, startWatch, generations } = verdictRole

  const targets = createTargetGuard({ networks: config.targetNetworks, own: ownAddresses(config), now })
  const { labelRoutes } = routeParts
  const control = openControlPart({ config, log, pool, routes, labelRoutes, targets, generations, metrics, now })
  closers.unshift(control.close)
  statuses.push(...control.statuses, routeParts.status)

  let compare: CompareRole | undefined
  let known: Differences | undefined
  const differences = (): Differences => {
    if (known) return known
    throw new UnderstudyError('database-unavailable', 'rules and noise are not read yet', { retriable: true })
  }
  const reader = createComparisonReadModel(readers)
  const history = createHistory({
    reader,
    judgingNow: async () => differences().judgingNow(),
    messages,
    topic: {
      readRange: (range) => readTopicRange({ kafka, topic: topics.taps, ...range }),
      pastOutcomes: createPastOutcomeReader(readers),
      endpointOf: (...request) => differences().endpointOf(...request),
    },
    sideUrls: async (name, variant) =>
      sideUrls(
        routes.routes().find((route) => route.name === name),
        variant,
        control.discovered(),
      ),
    now,
  })
  closers.unshift(history.close)
  if (has('api')) {
    const parts = createApiParts({
      ...{ config, startedAtMs, pool, readers, reader, history, rules, control, events, metrics, verdicts, statuses },
      comparisons: createTopicTail({ kafka, topic: topics.comparisons, read: readPublished, log }),
      ...{ routes: routeParts, comparing: () => compare, stopping: stopping.signal, log, now },
    })
    const api = await startApi({ bind: config.adminBind, port: config.httpPort, parts })
    closers.unshift(api.close)
  }

  await surely('PostgreSQL is not ready', async () => {
    const run = await migrate(pool)
    if (run.length > 0) log.info({ migrations: run }, 'schema brought up to date')
    await makePartitions(pool, now())
    await routeParts.start()
  })
  control.start()
  const feed = openChangeFeed({
    databaseUrl: config.databaseUrl,
    log,
    changed() {
      events.look()
      routes.look()
      rules.look()
      known?.look()
      verdictRole.look()
      control.look()
    },
  })
  closers.unshift(feed.close)
  if (has('api') || has('compare')) {
    await surely('rules and noise cannot be read', async () => {
      await rules.refresh()
      await messages.refresh()
      known = await openDifferences({
        ...{ pool, rules, endpointsOf: routes.endpointsOf, policyOf: routes.policyOf, log },
        shadowVersionOf: (route, variant) => verdicts.versions(route, variant)?.shadow,
        leftOut: (what) => metrics.leftOut.inc({ what }),
      })
    })
    closers.unshift(() => known?.close())
  }
  const makeTopics = () => ensureTopics(kafka, topics, { partitions: config.partitions, replicationFactor: -1 })
  await surely('Kafka is not ready', makeTopics)
  const writer = await createRecordWriter(kafka, { maxQueuedBytes: 48 * 1024 * 1024, topicMissing: makeTopics })
  closers.unshift(writer.close)
  events.publishWith(writer, topics.events)
  closers.unshift(events.close)

  if (has('api') || has('control')) closers.unshift(startWatch().close)

  if (has('compare')) {
    const part = await openComparePart({
      ...{ config, kafka, topics, writer, pool, messages, metrics, log, now },
      ...{ differences: differences(), topicMissing: makeTopics, verdicts: verdictRole },
    })
    closers.unshift(...part.closers)
    compare = part.compare
    statuses.push(pairingStatus(compare, now))
  }

  if (has('ingest')) {
    const ingest = await startIngest({
      bind: config.ingestBind,
      port: config.ingestPort,
      topics,
      writer,
      metrics,
      log,
      now,
      token: ingestToken,
      redactor: createRedactor(
        { key: hmacKey, ownWords: config.redactKeys ?? [], patterns: config.redactPatterns },
        log,
      ),
      configs: createConfigReader(states),
      writeReport: (header, atMs) => writeTapReport(pool, header, atMs),
      endSilent: (silentSinceMs, nowMs) => endSilentTaps(pool, silentSinceMs, nowMs),
      tapSilenceMs: config.tapSilenceMs,
    })
    closers.unshift(ingest.close)
    statuses.push(tapsStatus(ingest.reports, now))
  }
  statuses.splice(statuses.indexOf(starting), 1)
  log.info({ version, roles: config.roles, ingest: config.ingestPort, api: config.httpPort }, 'understudy is up')

  return {
    async close() {
      stopping.abort()
      for (const close of closers) {
        try {
          await close()
        } catch (error) {
          log.warn({ error: messageOf(error) }, 'while stopping')
        }
      }
    },
  }
}
