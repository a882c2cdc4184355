import { get } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { LiveEvent } from '../../collector/api/parts.ts'
import { ComparisonSummary } from '../../collector/api/schemas.ts'
import type { PublishedComparison } from '../../collector/pipeline/published.ts'
import { publishedComparison } from '../helpers/published-comparison.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { startApi, type TestApi } from './api-server.ts'
import { baseMs, exchangeIdAt } from './stored-rows.ts'

let api: TestApi
afterEach(() => api.close())

const made = (given: Partial<PublishedComparison> = {}): LiveEvent => ({
  kind: 'comparison',
  comparison: publishedComparison({ exchangeId: exchangeIdAt(baseMs), route: 'ticketing', ...given }),
})

type Reader = {
  status: () => number
  type: () => string
  text: () => string
  pause(): void
  resume(): void
  close(): void
  ended: () => boolean
}

function open(path: string): Reader {
  let [status, text, type, ended] = [0, '', '', false]
  const request = get({ host: '127.0.0.1', port: api.port, path, agent: false }, (response) => {
    status = response.statusCode ?? 0
    type = response.headers['content-type'] ?? ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
    })
    response.on('close', () => {
      ended = true
    })
    request.on('pause', () => response.pause())
    request.on('resume', () => response.resume())
  })
  request.on('error', () => {
    ended = true
  })
  return {
    status: () => status,
    type: () => type,
    text: () => text,
    pause: () => void request.emit('pause'),
    resume: () => void request.emit('resume'),
    close: () => void request.destroy(),
    ended: () => ended,
  }
}

describe('GET /api/v1/events', () => {
  it('tells new comparisons as lists show them', async () => {
    api = await startApi()
    const reader = open('/api/v1/events')
    await waitUntil(() => api.listeners() === 1 && reader.status() === 200)
    expect(reader.type()).toBe('text/event-stream; charset=utf-8')
    api.emit(made())
    await waitUntil(() => reader.text().endsWith('\n\n'))
    const [, event, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(reader.text()) ?? []
    expect(event).toBe('comparison')
    expect(ComparisonSummary.parse(JSON.parse(String(data)))).toMatchObject({
      id: `${exchangeIdAt(baseMs)}:shadow`,
      skipped: null,
    })
    reader.close()
    await waitUntil(() => api.listeners() === 0)
  })

  it('tells only what was asked for', async () => {
    api = await startApi()
    const reader = open('/api/v1/events?kind=comparison&route=ticketing&outcome=incomplete')
    await waitUntil(() => api.listeners() === 1)
    api.emit(made())
    api.emit(made({ outcome: 'incomplete', route: 'billing' }))
    api.emit(made({ outcome: 'incomplete', variant: 'control' }))
    api.emit({ kind: 'event', event: { id: 1, at: 'now', kind: 'route', route: 'ticketing', actor: 'x', details: {} } })
    api.emit(made({ outcome: 'incomplete', path: '/wanted' }))
    await waitUntil(() => reader.text().includes('\n\n'))
    expect(reader.text().match(/event: /g)).toHaveLength(1)
    expect(reader.text()).toContain('/wanted')
    reader.close()
  })

  it('keeps a line break in captured text inside its data line', async () => {
    api = await startApi()
    const reader = open('/api/v1/events')
    await waitUntil(() => api.listeners() === 1)
    api.emit(made({ path: '/a\n\nevent: forged\r\ndata: {}' }))
    await waitUntil(() => reader.text().endsWith('\n\n'))
    expect(reader.text().split('\n')).toHaveLength(4)
    reader.close()
  })

  it('drops for a reader that is too slow, and tells how many', async () => {
    api = await startApi()
    const reader = open('/api/v1/events')
    await waitUntil(() => api.listeners() === 1 && reader.status() === 200)
    reader.pause()
    const big = made({ path: 'x'.repeat(100_000) })
    for (let sent = 0; sent < 400; sent += 1) api.emit(big)
    reader.resume()
    await waitUntil(() => reader.text().includes('event: dropped'))
    const told = (reader.text().match(/event: comparison/g) ?? []).length
    const dropped = [...reader.text().matchAll(/event: dropped\ndata: \{"count":(\d+)\}/g)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    )
    expect(told + dropped).toBe(400)
    expect(dropped).toBeGreaterThan(100)
    reader.close()
  })

  it('refuses the 65th stream and serves again when one ends', async () => {
    api = await startApi()
    const readers = Array.from({ length: 64 }, () => open('/api/v1/events'))
    await waitUntil(() => api.listeners() === 64)
    expect(await api.get('/api/v1/events')).toMatchObject({ status: 429 })
    readers[0]?.close()
    await waitUntil(() => api.listeners() === 63)
    readers.push(open('/api/v1/events'))
    await waitUntil(() => api.listeners() === 64)
    for (const reader of readers) reader.close()
    await waitUntil(() => api.listeners() === 0)
  })

  it('ends its streams when the process stops', async () => {
    const stop = new AbortController()
    api = await startApi({ stopping: stop.signal })
    const reader = open('/api/v1/events')
    await waitUntil(() => api.listeners() === 1)
    stop.abort()
    await waitUntil(() => reader.ended())
    expect(api.listeners()).toBe(0)
    expect((await api.get('/api/v1/events')).status).toBe(503)
  })

  it.each(['kind=all', 'outcome=x', 'since=1'])('refuses %s', async (query) => {
    api = await startApi()
    expect((await api.get(`/api/v1/events?${query}`)).status).toBe(400)
  })
})
