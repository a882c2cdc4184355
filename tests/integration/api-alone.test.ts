// The stream of events of every process tells what is compared in any of them.
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let collector: OwnCollector
let apiOnly: CollectorProcess
const ends: (() => void)[] = []
beforeAll(async () => {
  collector = await startOwnCollector()
  const { databaseUrl, topicPrefix } = collector
  apiOnly = await startCollectorProcess({ databaseUrl, topicPrefix, kafka: kafka(), env: { UNDERSTUDY_ROLES: 'api' } })
}, 60_000)
afterAll(async () => {
  for (const end of ends) end()
  await apiOnly?.stop()
  await collector?.end()
})

async function listen(api: string, query = ''): Promise<{ text: () => string }> {
  const ending = new AbortController()
  ends.push(() => ending.abort())
  const response = await fetch(`${api}/api/v1/events${query}`, { signal: ending.signal })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  read().catch(() => undefined)
  return { text: () => text }
}

async function compared(): Promise<string> {
  const primary = tapRecord()
  await postRecords(collector.ingest, [primary, tapRecord({ id: primary.id, side: 'shadow', body: '{"ok":false}' })])
  await waitUntil(async () => (await fetch(`${collector.api}/api/v1/comparisons/${primary.id}`)).ok)
  return primary.id
}

it('is told where it was made, and by a process that compares nothing', async () => {
  const streams = [await listen(collector.api), await listen(apiOnly.api), await listen(apiOnly.api, '?kind=event')]
  const [here, there, without] = streams
  const areTold = (text: string) => () => [here, there].every((stream) => stream?.text().includes(text))
  // A look at the topic takes a moment to begin; from then on each comparison is told.
  await waitUntil(async () => areTold(await compared())(), { withinMs: 30_000 })
  const id = await compared()
  await waitUntil(areTold(`"id":"${id}:shadow"`), { withinMs: 30_000 })
  expect(without?.text()).not.toContain('event: comparison')
})

it('leaves nothing behind in Kafka when nobody listens any more', async () => {
  const admin = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const looks = async () =>
    (await admin.listGroups()).groups.filter(({ groupId }) =>
      groupId.startsWith(`${collector.topicPrefix}.comparisons`),
    )
  try {
    await listen(apiOnly.api)
    await waitUntil(async () => (await looks()).length > 0, { withinMs: 30_000 })
    for (const end of ends.splice(0)) end()
    await waitUntil(async () => (await looks()).length === 0, { withinMs: 30_000 })
  } finally {
    await admin.disconnect()
  }
})
