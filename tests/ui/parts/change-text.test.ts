import { describe, expect, it } from '@jest/globals'
import type { AuditEvent } from '../../../collector/ui/api/types.ts'
import { changeText, wayBack } from '../../../collector/ui/parts/change-text.ts'

const event = (kind: string, details: unknown): AuditEvent => ({
  ...{ id: 1, at: '2026-07-01T12:00:00.000Z', kind, route: 'ticketing', actor: 'rest', details },
})
const rule = { at: '/url', treat: 'ignore', endpoint: 'GET /x' }

describe('an event of the audit', () => {
  it.each<[string, AuditEvent, string, unknown]>([
    [
      'a change of a route goes back to the version before',
      event('route.changed', { before: { share: 10 }, after: { share: 25 }, version: 4 }),
      'share 10 → 25',
      { kind: 'route', route: 'ticketing', version: 3 },
    ],
    [
      'a deleted route comes back as it was',
      event('route.deleted', { before: { share: 10 }, after: null, version: 5 }),
      '',
      { kind: 'route', route: 'ticketing', version: 4 },
    ],
    ['a new route is not undone here', event('route.created', { before: null, after: {}, version: 1 }), '', undefined],
    [
      'a rule that was made can go',
      event('rule.accepted', { before: null, after: { id: 'r1', ...rule } }),
      '/url in GET /x: ignore',
      { kind: 'rule-made', route: 'ticketing', id: 'r1' },
    ],
    [
      'a rule that was taken away can be made again, without its old id',
      event('rule.removed', { before: { id: 'r1', ...rule }, after: null }),
      '/url in GET /x: ignore',
      { kind: 'rule-removed', route: 'ticketing', rule },
    ],
    [
      'a verdict says what it was and why it is another',
      event('verdict.changed', { before: { verdict: 'pass' }, after: { verdict: 'fail', reason: 'it differs' } }),
      'pass → fail: it differs',
      undefined,
    ],
    [
      'a control that was accepted is taken back',
      event('control.accepted', { service: 'a@docker', before: null, after: { percent: 5, rate: 0 } }),
      'no control → control 5 %, as many as come',
      { kind: 'control', route: 'ticketing', control: null },
    ],
    [
      'a control that was withdrawn is accepted as it was',
      event('control.withdrawn', { service: 'a@docker', before: { percent: 2, rate: 20 }, after: null }),
      'control 2 %, at most 20 a second → no control',
      { kind: 'control', route: 'ticketing', control: { percent: 2, rate: 20 } },
    ],
    [
      'what labels did is not undone here',
      { ...event('route.deleted', { before: { share: 10 }, after: null, version: 5 }), actor: 'labels' },
      '',
      undefined,
    ],
    ['other news say their reason', event('evidence.begun', { reason: 'by hand' }), 'by hand', undefined],
    ['details may be anything', event('route.changed', 'text'), '', undefined],
  ])('%s', (_name, one, text, back) => {
    expect(changeText(one)).toBe(text)
    expect(wayBack(one)).toEqual(back)
  })
})
