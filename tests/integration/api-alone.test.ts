// A process that has the API alone tells what another one compares, and judges as that one does.
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import type { Recomparison } from '../../collector/api/history-schemas.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords, tappedExchanges } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const ROUTES = `
routes:
  - name: clock
    rule: PathPrefix(\`/clock\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
    store: all
`

let collector: OwnCollector
let apiOnly: CollectorProcess
const ends: (() => void)[] = []
beforeAll(async () => {
  collector = await startOwnCollector({ routes: ROUTES })
  const { databaseUrl, topicPrefix } = collector
  apiOnly = await startCollectorProcess({ databaseUrl, topicPrefix, kafka: kafka(), env: { UNDERSTUDY_ROLES: 'api' } })
})
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

it('streams each comparison where it was made, and where nothing is compared', async () => {
  const streams = [await listen(collector.api), await listen(apiOnly.api), await listen(apiOnly.api, '?kind=event')]
  const [here, there, without] = streams
  const areTold = (text: string) => () => [here, there].every((stream) => stream?.text().includes(text))
  // A look at the topic takes a moment to begin; from then on each comparison is told.
  const sent: string[] = []
  await waitUntil(async () => {
    sent.push(await compared())
    return sent.some((id) => areTold(id)())
  })
  const id = await compared()
  await waitUntil(areTold(`"id":"${id}:shadow"`))
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
    await waitUntil(async () => (await looks()).length > 0)
    for (const end of ends.splice(0)) end()
    await waitUntil(async () => (await looks()).length === 0)
  } finally {
    await admin.disconnect()
  }
})

it('compares stored pairs again by what the control has shown, and names endpoints as they were learned', async () => {
  let ticks = 0
  const service = () => ({ body: { at: new Date(1.7e12 + 1_000 * ticks++).toISOString(), price: 5 } })
  const exchanges = tappedExchanges({
    ...{ route: 'clock', primary: service, shadow: service, requests: 40, control: (n) => n < 30 },
    ...{ paths: Array.from({ length: 40 }, (_, n) => `/clock/${n}`), fromMs: Date.now() - 1_000 },
  })
  await postRecords(collector.ingest, exchanges.slice(0, 30).flat())
  const settled = async (pairs: number) =>
    waitUntil(async () => {
      const { rows } = await collector.pool.query("SELECT count(*)::int AS n FROM comparisons WHERE route = 'clock'")
      return rows[0].n >= pairs
    })
  await settled(60)
  await postRecords(collector.ingest, exchanges.slice(30).flat())
  await settled(70)
  const recompare = async (api: string, source: 'stored' | 'topic') => {
    const from = new Date(Date.now() - 600_000).toISOString()
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${api}/api/v1/routes/clock/recompare`, {
      ...{ ...init, body: JSON.stringify({ source, from }) },
    })
    return (await response.json()) as Recomparison
  }
  for (const source of ['stored', 'topic'] as const) {
    const there = await waitUntil(async () => {
      const found = await recompare(apiOnly.api, source)
      return (found.after?.noise ?? 0) >= 30 && found
    })
    const here = await recompare(collector.api, source)
    expect([there.of, there.after]).toEqual([here.of, here.after])
  }
})
