// The UI's own small functions: what they make of hostile and of odd values.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ComparisonSummary, Route } from '../../../collector/ui/api/types.ts'
import { bodyText } from '../../../collector/ui/parts/body-text.ts'
import { percent, valueText, visible } from '../../../collector/ui/parts/format.ts'
import { layOutJson } from '../../../collector/ui/parts/json-text.ts'
import { addLive, emptyLive, liveLimit, showWaiting } from '../../../collector/ui/parts/live-rows.ts'
import { sumMetric } from '../../../collector/ui/parts/metrics-text.ts'
import { changedFields, draftOf, inputOf, patchOf, protectByItself } from '../../../collector/ui/parts/route-draft.ts'
import { ruleAt } from '../../../collector/ui/parts/rule-text.ts'
import { routeDefaults } from '../../../plugin-config/route.ts'

describe('layOutJson', () => {
  it('puts each member on its line, and changes no value', () => {
    const text = '{"b":1.0,"a":[9007199254740993,{},[],"x:,{\\"",null],"a":-0e400}'
    expect(layOutJson(text)).toBe(
      '{\n  "b": 1.0,\n  "a": [\n    9007199254740993,\n    {},\n    [],\n    "x:,{\\"",\n    null\n  ],\n  "a": -0e400\n}',
    )
  })

  it.each(['', 'text', '"text"', '12', '{', '{"a":[}', '{"a":"b', ']', '['.repeat(2000)])(
    'leaves %j as it is',
    (text) => {
      expect(layOutJson(text)).toBeUndefined()
    },
  )

  it('keeps every JSON value what it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(JSON.parse(layOutJson(text) ?? ''))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })
})

describe('visible', () => {
  it.each([
    ['\u202Egnp.exe', '⟨U+202E⟩gnp.exe'],
    ['\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['a\u0000b\u200Bc\uFEFF', 'a⟨U+0000⟩b⟨U+200B⟩c⟨U+FEFF⟩'],
    ['lone \ud800', 'lone ⟨U+D800⟩'],
    ['tab\tline\näö😀 שלום', 'tab\tline\näö😀 שלום'],
  ])('writes out what deceives in %j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  it('shows a value in one line', () => {
    expect(valueText('a\nb\u202E')).toBe('"a\\nb⟨U+202E⟩"')
    expect(valueText(undefined)).toBe('nothing')
    expect(valueText({ a: [1] })).toBe('{"a":[1]}')
  })
})

describe('percent', () => {
  it.each([
    [0, '0 %'],
    [0.00001, '< 0.01 %'],
    [0.999999, '> 99.99 %'],
    [1, '100 %'],
    [0.375, '38 %'],
    [0.0123, '1.2 %'],
    [0.00123, '0.12 %'],
    [null, '–'],
  ])('writes %s as %s', (rate, text) => {
    expect(percent(rate)).toBe(text)
  })
})

describe('bodyText', () => {
  it.each([
    [null, null, 'no body was kept'],
    ['', 0, 'the body is empty'],
    ['base64:AAEC', 3, 'not text: 3 bytes, shown in base64'],
    ['x'.repeat(3000), 9000, 'only the beginning was captured, of 9000 bytes'],
    ['plain', 5, null],
    ['😀'.repeat(3000), 12_000, 'lines are broken after 1000 characters'],
  ])('notes of %j', (body, bodyBytes, note) => {
    expect(bodyText({ body, bodyBytes }, false).note).toBe(note)
  })
})

describe('the rows of the live page', () => {
  const row = (id: number) => ({ id: String(id) }) as ComparisonSummary
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at))

  it('come newest first, each once', () => {
    const first = addLive(emptyLive, { items: [row(1), row(2)], missed: 0 }, false)
    const then = addLive(first, { items: [row(2), row(3)], missed: 0 }, false)
    expect(then.shown.map(({ id }) => id)).toEqual(['3', '2', '1'])
  })

  it('wait above while a person reads, and are bounded and counted', () => {
    const first = addLive(emptyLive, { items: [row(0)], missed: 0 }, false)
    const held = addLive(first, { items: rows(1, liveLimit + 11), missed: 5 }, true)
    expect(held.shown).toEqual([row(0)])
    expect([held.waiting.length, held.missed]).toEqual([liveLimit, 15])
    const shown = showWaiting(held)
    expect([shown.waiting.length, shown.shown.length]).toEqual([0, liveLimit])
  })
})

describe('sumMetric', () => {
  const text = [
    '# HELP understudy_dropped_total x',
    'understudy_dropped_total{stage="tap",reason="queue-full",route="a"} 2',
    'understudy_dropped_total{stage="tap",reason="queue-full",route="b"} 3',
    'understudy_dropped_total{stage="pair",reason="x \\"y\\" {z}"} 1',
    'understudy_dropped_total_other 9',
    'understudy_pending_pairs 7',
  ].join('\n')

  it('adds samples up by their labels', () => {
    expect(sumMetric(text, 'understudy_dropped_total', ['stage'])).toEqual([
      { labels: { stage: 'tap' }, value: 5 },
      { labels: { stage: 'pair' }, value: 1 },
    ])
    expect(sumMetric(text, 'understudy_pending_pairs', [])[0]?.value).toBe(7)
    expect(sumMetric(text, 'understudy_nothing', [])).toEqual([])
  })
})

describe('the draft of a route', () => {
  const route: Route = {
    name: 'shop',
    primary: { service: 'shop@docker' },
    shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001' }],
    share: 10,
    control: 0,
    methods: ['GET'],
    operations: [],
    store: { sample: 5 },
    exposeId: false,
    enabled: true,
    protect: { rate: 100, burst: 200, inFlight: 50, timeoutMs: 5000 },
    state: 'applied',
    reason: null,
  }
  const draft = draftOf(route)

  it('says the same as the route', () => {
    const { state: _, reason: __, ...written } = route
    expect(inputOf(draft, route)).toEqual({ ...written, rule: undefined })
    expect(patchOf(draft, draft, route)).toEqual({})
  })

  it('becomes a patch of what was changed alone', () => {
    const changed = { ...draft, share: '12.5', store: 'all' as const, primary: 'http://10.0.0.1:80', rate: '' }
    expect(patchOf(draft, changed, route)).toEqual({
      share: 12.5,
      store: 'all',
      primary: { service: null, url: 'http://10.0.0.1:80' },
      protect: { rate: null, burst: 200, inFlight: 50, timeoutMs: 5000 },
    })
  })

  it('hands on what is no number, for the API to refuse', () => {
    expect(patchOf(draft, { ...draft, share: 'ten' }, route)).toEqual({ share: 'ten' })
  })

  it('tells a change in words', () => {
    expect(changedFields(route, { ...route, share: 25, rule: 'Path(`/`)' })).toBe(
      'share 10 → 25, rule not set → "Path(`/`)"',
    )
    const protect = { ...route.protect, inFlight: 77 }
    expect(changedFields(route, { ...route, protect, store: 'all' })).toBe(
      'store {"sample":5} → "all", protect.inFlight 50 → 77',
    )
  })

  it('shows in empty fields what a route has by itself', () => {
    const { protect } = routeDefaults('file')
    for (const [field, value] of Object.entries(protectByItself)) expect(protect).toHaveProperty(field, Number(value))
  })
})

describe('ruleAt', () => {
  it.each([
    ['/items/5/id', '/items/*/id'],
    ['/a~1b/0', '/a~1b/*'],
    ['header:etag', 'header:etag'],
    ['status', 'status'],
    ['line:12', 'line:*'],
    ['', ''],
  ])('makes of %j the place %j', (path, at) => {
    expect(ruleAt(path)).toBe(at)
  })
})
