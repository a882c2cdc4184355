import { afterEach, describe, expect, it } from '@jest/globals'
import { Overview } from '../../collector/api/overview-schemas.ts'
import type { Standing } from '../../collector/store/standing-read-model.ts'
import { startApi, type TestApi } from './api-server.ts'
import { baseMs } from './stored-rows.ts'

const standing = (compared: number): Standing => ({
  ended: { compared, unpaired: { 'no-shadow': 5 }, dropped: {} },
  taps: { tapped: 100, dropped: { 'queue-full': 5 }, instances: 1, reportedAtMs: baseMs },
  verdicts: [{ variant: 'shadow', verdict: 'fail', atMs: baseMs }],
})

let api: TestApi
afterEach(() => api.close())

describe('GET /api/v1/overview', () => {
  it('tells of each route how it stands, with and without pairs of late', async () => {
    const trend = {
      ...{ route: 'busy', outcomes: { match: 3, noise: 0, different: 1, incomplete: 0 }, unpaired: 0, dropped: 0 },
      ...{ lastPairAtMs: baseMs, trend: [{ atMs: baseMs, pairs: 4, different: 1 }] },
    }
    api = await startApi({
      overview: { trends: async () => [trend] },
      standings: { standings: async () => new Map([['quiet', standing(80)]]) },
    })
    const { items } = Overview.parse((await api.get('/api/v1/overview')).json)
    const at = new Date(baseMs).toISOString()
    expect(items).toEqual([
      expect.objectContaining({ route: 'busy', coverage: null, verdicts: [], lastPairAt: at }),
      expect.objectContaining({
        ...{ route: 'quiet', trend: [], lastPairAt: null },
        coverage: {
          ...{ tapped: 100, compared: 80, waiting: 10, ratio: 0.8 },
          ...{ unpaired: { 'no-shadow': 5 }, dropped: { 'queue-full': 5 }, shed: {} },
        },
        verdicts: [{ variant: 'shadow', verdict: 'fail', since: at }],
      }),
    ])
  })
})

describe('GET /api/v1/routes/{name}/report', () => {
  it('narrows to one shadow, and names those there are', async () => {
    api = await startApi()
    const path = '/api/v1/routes/ticketing/report?variant='
    expect((await api.get(`${path}shadow`)).status).toBe(200)
    const refused = await api.get(`${path}shadow-next`)
    expect(refused.status).toBe(404)
    expect(refused.json).toMatchObject({ detail: '"ticketing" has no shadow "shadow-next": it has shadow' })
  })
})
