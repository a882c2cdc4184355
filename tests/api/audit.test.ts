import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AuditPage } from '../../collector/api/audit-schemas.ts'
import { startApi, type TestApi } from './api-server.ts'

let api: TestApi
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

describe('GET /api/v1/audit', () => {
  it('goes through all pages by the cursor', async () => {
    const ids: number[] = []
    let path: string | null = '/api/v1/audit?limit=2&route=ticketing'
    while (path) {
      const page = (await api.get(path)).json as AuditPage
      ids.push(...page.items.map(({ id }) => id))
      path = page.nextCursor === null ? null : `/api/v1/audit?limit=2&route=ticketing&cursor=${page.nextCursor}`
    }
    expect(ids).toEqual([3, 2, 1])
  })

  it('refuses a cursor of other filters, a changed one and rubbish', async () => {
    const { nextCursor } = (await api.get('/api/v1/audit?limit=1&route=a')).json as AuditPage
    for (const path of [`limit=1&cursor=${nextCursor}`, 'route=a&cursor=AAAA', `route=a&cursor=${nextCursor}A`]) {
      expect((await api.get(`/api/v1/audit?${path}`)).status).toBe(400)
    }
  })
})
