// Pairs posted as a tap would post them, to the stack that the UI tests share.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { batchHeader, exchangeId, ndjson, tapRecord } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { ask, uiStack } from './ui-pages.ts'

/** The two records of a pair on `ticketing`. */
export function pairOf(
  id: string,
  bodies: { primary: string; other: string },
  side: 'shadow' | 'control',
  uri: string,
) {
  const request = { method: 'GET', uri, host: 'shop.example', headers: { 'X-Note': ['<b>bold</b>'] } }
  return [
    { ...tapRecord({ id, route: 'ticketing', body: bodies.primary, expects: [side] }), request },
    { ...tapRecord({ id, route: 'ticketing', side, variant: side, body: bodies.other }), request },
  ]
}

export async function postRecords(records: TapRecord[]): Promise<void> {
  const token = readFileSync(join(uiStack.home, 'secrets', 'ingest-token'), 'utf8').trim()
  const header = batchHeader(records.length, { instance: `ui-${records[0]?.id}` })
  const response = await fetch(uiStack.ingest, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', Authorization: `Bearer ${token}` },
    body: new Uint8Array(ndjson([header, ...records])),
  })
  expect(response.status).toBe(202)
}

/** Posts a pair and waits for its comparison, whose id it gives. */
export async function capture(primary: string, other: string, uri = '/api/ticketing/hostile'): Promise<string> {
  const id = exchangeId(Date.now())
  await postRecords(pairOf(id, { primary, other }, 'shadow', uri))
  await waitUntil(() => ask(`/api/v1/comparisons/${id}:shadow`), { withinMs: 60_000, everyMs: 100 })
  return `${id}:shadow`
}
