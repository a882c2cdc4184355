// A proxy that is killed while ingest refuses takes its queue with it: those pairs are counted, as dropped.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { BatchHeader } from '../../collector/core/tap-record.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { freshDatabase, freshTopicPrefix, kafka } from '../helpers/real-parts.ts'
import { laneConfiguration } from '../helpers/tap-bench.ts'
import { startTapTraefik, type TapTraefik } from '../helpers/tap-traefik.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const FIRST = 10
const BEFORE = 30
const AFTER = 20
const ALL = FIRST + BEFORE + AFTER
/** The report is of a route that the collector knows. */
const ROUTES = `routes:
  - name: bench
    rule: PathPrefix(\`/\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
`

type Coverage = {
  tapped: number
  compared: number
  unpaired: Record<string, number>
  dropped: Record<string, number>
  waiting: number
}

let database: Awaited<ReturnType<typeof freshDatabase>>
let folder: string
let collector: CollectorProcess
let traefik: TapTraefik
let service: Server
let relay: Server
/** Which batch the relay hands on to ingest; it refuses every other one. */
let mayPass: (header: BatchHeader['batch']) => boolean = () => false
const refused: BatchHeader['batch'][] = []
const passed: BatchHeader['batch'][] = []

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'understudy-killed-'))
  await writeFile(join(folder, 'understudy.yaml'), ROUTES)
  collector = await startCollectorProcess({
    databaseUrl: database.url,
    kafka: kafka(),
    topicPrefix: freshTopicPrefix(),
    env: {
      UNDERSTUDY_PAIR_WINDOW_MS: '2000',
      UNDERSTUDY_TAP_SILENCE_MS: '3000',
      UNDERSTUDY_ROUTES_FILE: join(folder, 'understudy.yaml'),
    },
  })
  service = await listening((request, response) => request.resume().on('end', () => response.end('ok')))
  relay = await listening((request, response) => void relayBatch(request, response))
  traefik = await startTapTraefik({ dynamic: laneConfiguration('tap', urlOf(service), `${urlOf(relay)}/v1/taps`) })
})

afterAll(async () => {
  await Promise.all([traefik?.stop(), collector?.stop()])
  for (const server of [service, relay]) {
    server?.closeAllConnections()
    server?.close()
  }
  await database?.drop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

describe('a Traefik that is killed while ingest refuses', () => {
  it('leaves a gap that the report and the metrics show: tapped = compared + unpaired + dropped', async () => {
    mayPass = () => true
    await ask(FIRST)
    await waitUntil(async () => (await coverageOf(collector)).compared === FIRST, { what: 'the first pairs' })
    mayPass = () => false
    await ask(BEFORE)
    const stuck = await waitUntil(() => refused.find(({ records }) => records > 0), { what: 'a refused batch' })
    await ask(AFTER)
    // That batch comes again with the counters of all; what is behind it stays in the tap.
    passed.length = 0
    mayPass = ({ totals, firstSequence, records }) =>
      passed.length === 0 && records > 0 && firstSequence === stuck.firstSequence && totals.seen === 2 * ALL
    const last = await waitUntil(() => passed[0], { what: 'one batch to be taken' })
    process.kill(traefik.pid, 'SIGKILL')
    const taken = last.pairs.bench ?? 0
    const lost = BEFORE + AFTER - taken
    expect(lost).toBeGreaterThanOrEqual(AFTER)

    const coverage = await waitUntil(
      async () => {
        const found = await coverageOf(collector)
        if (!found.dropped['proxy-ended'] || found.waiting > 0) throw new Error(JSON.stringify(found))
        return found
      },
      { withinMs: 60_000, what: `${lost} pairs to count as dropped` },
    )
    expect(coverage).toMatchObject({ tapped: ALL, dropped: { 'proxy-ended': lost } })
    expect(coverage.compared + sum(coverage.unpaired) + sum(coverage.dropped)).toBe(coverage.tapped)
    expect(coverage.compared).toBeGreaterThanOrEqual(FIRST)
    await waitUntilHolds(async () => {
      const metrics = await (await fetch(`${collector.api}/metrics`)).text()
      expect(metrics).toContain(`understudy_dropped_total{stage="tap",reason="proxy-ended"} ${lost}\n`)
    })
  })
})

async function ask(requests: number): Promise<void> {
  for (let count = 0; count < requests; count++) expect(await (await fetch(`${traefik.url}/items`)).text()).toBe('ok')
}

async function relayBatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const header = (JSON.parse(body.toString('utf8', 0, body.indexOf('\n'))) as BatchHeader).batch
  if (!mayPass(header)) {
    refused.push(header)
    return void response.writeHead(503, { 'retry-after': '1' }).end()
  }
  const headers = { 'content-type': 'application/x-ndjson' }
  const answer = await fetch(collector.ingest, { method: 'POST', headers, body: new Uint8Array(body) })
  expect(answer.status).toBe(202)
  passed.push(header)
  response.writeHead(202).end()
}

async function coverageOf({ api }: CollectorProcess): Promise<Coverage> {
  const answer = await fetch(`${api}/api/v1/routes/bench/report`)
  return ((await answer.json()) as { coverage: Coverage }).coverage
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function listening(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle)
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)))
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
