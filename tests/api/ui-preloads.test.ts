import { describe, expect, it } from '@jest/globals'
import { preloadsOf } from '../../collector/api/ui-preloads.ts'

const id = '0190b5c8-0000-7000-8000-000000000001%3Ashadow'

describe('what a page asks first', () => {
  it.each([
    ['/routes', '', ['/api/v1/routes', '/api/v1/overview?minutes=120']],
    ['/routes/new', '', []],
    ['/routes/a%20b', '?tab=rules', ['/api/v1/routes/a%20b']],
    [`/comparisons/${id}`, '', [`/api/v1/comparisons/${id}`]],
    ['/comparisons', '?outcome=match', ['/api/v1/routes']],
    ['/pipeline', '', []],
    ['/routes/%E0%A4', '', []],
    ['/routes/x>;rel=y', '', expect.arrayContaining(['/api/v1/routes/x%3E%3Brel%3Dy'])],
  ])('%s%s', (path, search, asked) => {
    const [session, index, status, ...ofPage] = preloadsOf(path, search, true)
    expect([session, index, status]).toEqual(['/api/v1/session', '/', '/api/status'])
    expect(ofPage).toEqual(asked)
  })

  it('is the session alone for whoever would be refused the rest', () => {
    expect(preloadsOf('/routes', '', false)).toEqual(['/api/v1/session'])
  })
})
