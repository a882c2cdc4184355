import { describe, expect, it } from '@jest/globals'
import { canBeReplayed, replayedRequest } from '../../collector/core/replayed-request.ts'

const stored = (uri: string, headers: Record<string, string[]> = {}) => ({ method: 'GET', uri, headers })

describe('a stored request sent again', () => {
  it('leaves out what was hidden, what the proxy writes, and what belongs to one connection', () => {
    const request = replayedRequest(
      stored('/a?x=1&token=hmac:0123456789abcdef&y=2', {
        Accept: ['text/html', 'a/b'],
        Cookie: ['hmac:0123456789abcdef'],
        Host: ['shop.example'],
        Connection: ['close'],
        'X-Forwarded-For': ['10.0.0.1'],
        'X-Understudy-Id': ['x'],
      }),
    )
    expect(request).toEqual({
      method: 'GET',
      uri: '/a?x=1&y=2',
      headers: [
        ['Accept', 'text/html'],
        ['Accept', 'a/b'],
      ],
      hidden: ['Cookie', 'token'],
    })
  })

  it("takes the caller's headers instead of stored ones", () => {
    const { headers, hidden } = replayedRequest(stored('/', { authorization: ['hmac:0123456789abcdef'] }), {
      Authorization: 'Bearer x',
    })
    expect([headers, hidden]).toEqual([[['Authorization', 'Bearer x']], []])
  })

  it.each([
    ['/api/tickets?x', '/tickets?x'],
    ['/api', '/'],
    ['/other', '/other'],
  ])('sends %s as %s behind a stripped prefix', (uri, expected) => {
    expect(replayedRequest(stored(uri, { 'X-Forwarded-Prefix': ['/api'] })).uri).toBe(expected)
  })

  it('knows which methods change nothing', () => {
    expect(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'get'].filter(canBeReplayed)).toEqual([
      'GET',
      'HEAD',
      'OPTIONS',
    ])
  })
})
