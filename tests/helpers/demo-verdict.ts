// The demo's truth about its verdict: which endpoints fail, after enough of its requests.
import { Agent } from 'node:http'
import { expect } from '@jest/globals'
import type { VerdictView } from '../../collector/api/verdict-schemas.ts'
import { demoRequests } from '../../collector/local-stack/demo/demo-requests.ts'
import { sendDemoRequest } from '../../collector/local-stack/demo/traffic.ts'
import { waitUntil } from './wait-until.ts'

/** Where Express 5 answers differently. */
const differing = [
  'GET /api/ticketing/static/priorities.json',
  'GET /api/ticketing/tickets',
  'GET /api/ticketing/tickets/%E0%A4',
  'GET /api/ticketing/tickets/{id}/link',
  'GET /api/ticketing/view/compact',
  'POST /api/ticketing/tickets/search',
]

/** After enough of the demo's requests the verdict fails exactly the endpoints on which the two versions differ. */
export async function expectDemoVerdict(proxy: string, api: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const judged = async () => (await (await fetch(`${api}/api/v1/routes/ticketing/verdict`)).json()) as VerdictView
  const failed = ({ endpoints }: VerdictView) =>
    endpoints.filter(({ verdict }) => verdict === 'fail').map(({ endpoint }) => endpoint)
  const verdict = await waitUntil(
    async () => {
      for (let round = 0; round < 5; round += 1)
        await Promise.all(demoRequests.map((request) => sendDemoRequest(proxy, request, agent)))
      const now = await judged()
      return failed(now).length >= differing.length && now
    },
    { withinMs: 180_000, everyMs: 10 },
  )
  agent.destroy()
  expect(failed(verdict).sort()).toEqual(differing)
  expect(verdict).toMatchObject({ verdict: 'fail', action: 'rollback' })
  const others = verdict.endpoints.filter(({ endpoint }) => !differing.includes(endpoint))
  expect(others.length).toBeGreaterThan(4)
  for (const { verdict: state, missing } of others) {
    expect(['pass', 'inconclusive']).toContain(state)
    if (state === 'inconclusive') expect(missing).toBeGreaterThan(0)
  }
}
