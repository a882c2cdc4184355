// Posts batches to ingest over a few keep-alive connections, as fast as it is answered or at a given rate.
import { Agent, request } from 'node:http'
import type { BatchSource } from './tap-batches.ts'

export type LoadResult = { pairs: number; seconds: number; retries: number }

export async function loadPairs(options: {
  url: string
  source: BatchSource
  pairs: number
  connections: number
  pairsPerSecond?: number
  token?: string
}): Promise<LoadResult> {
  const { source } = options
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  const batches = Math.ceil(options.pairs / source.pairsPerBatch)
  const started = performance.now()
  let taken = 0
  let retries = 0
  const worker = async (slot: number) => {
    while (taken < batches) {
      const number = taken++
      if (options.pairsPerSecond) {
        const due = started + ((number * source.pairsPerBatch) / options.pairsPerSecond) * 1000
        const wait = due - performance.now()
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      }
      const body = source.next(slot)
      for (;;) {
        const status = await post(options.url, body, agent, options.token).catch(() => 0)
        if (status === 202) break
        if (status >= 400 && status < 429) throw new Error(`ingest answered ${status}`)
        retries += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
  await Promise.all(Array.from({ length: options.connections }, (_, slot) => worker(slot)))
  agent.destroy()
  return { pairs: batches * source.pairsPerBatch, seconds: (performance.now() - started) / 1000, retries }
}

function post(url: string, body: Buffer, agent: Agent, token: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-length': body.length,
      ...(token && { authorization: `Bearer ${token}` }),
    }
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    call.on('error', reject)
    call.end(body)
  })
}
