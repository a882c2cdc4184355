import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { labelTable } from '../../plugin-config/label-table.ts'
import { readLabels } from '../../plugin-config/labels.ts'
import { knownKeysAt, routeSchema } from '../../plugin-config/route-schema.ts'

const fieldsOf = (labels: Record<string, string>) =>
  Object.fromEntries(readLabels(labels).fields.map(({ path, value }) => [path.join('.'), value]))
const only = (label: string, value: string) => readLabels({ [label]: value })

describe('understudy labels', () => {
  it('become fields of a route, whatever their capitals', () => {
    const { problems } = readLabels({ 'Understudy.Share': '25' })
    expect(problems).toEqual([])
    expect(
      fieldsOf({
        'understudy.share': '0.01',
        'UNDERSTUDY.METHODS': 'get, HEAD',
        'understudy.operations': 'POST /tickets/{id}, PUT /a,b/{id}',
        'understudy.control': '5',
        'understudy.sticky.header': 'X-User',
        'understudy.store.sample': '2.5',
        'understudy.exposeid': 'TRUE',
        'understudy.protect.inflight': '10',
        'understudy.redact.headers': 'X-A,X-B',
        'understudy.route': 'shop',
        'traefik.enable': 'true',
      }),
    ).toEqual({
      share: 0.01,
      methods: ['GET', 'HEAD'],
      operations: ['POST /tickets/{id}', 'PUT /a,b/{id}'],
      'control.percent': 5,
      'stickyBy.header': 'X-User',
      'store.sample': 2.5,
      exposeId: true,
      'protect.inFlight': 10,
      'redact.headers': ['X-A', 'X-B'],
      name: 'shop',
    })
  })

  it('become compare rules', () => {
    const { rules, problems } = readLabels({
      'understudy.ignore': '/updatedAt,header:x-build',
      'understudy.compare.uuid': '/id',
      'understudy.compare.number': '/price within 0.01,/rate percent 2',
      'understudy.compare.unordered': '/tags,/items by id',
    })
    expect(problems).toEqual([])
    expect(rules.map(({ rule }) => [rule.at, rule.treat])).toEqual([
      [['/price'], { as: 'number', within: 0.01 }],
      [['/rate'], { as: 'number', percent: 2 }],
      [['/tags'], { as: 'unordered' }],
      [['/items'], { as: 'unordered', by: 'id' }],
      [['/id'], { as: 'uuid' }],
      [['/updatedAt', 'header:x-build'], { as: 'ignore' }],
    ])
  })

  it.each([
    ['understudy.shadow.percent', 'abc', 'there is no such label', 'did you mean understudy.share?'],
    ['understudy.shadowPercnt', '5', 'there is no such label', 'did you mean understudy.share?'],
    ['understudy.shaer', '5', 'there is no such label', 'did you mean understudy.share?'],
    ['understudy.enabel', 'false', 'there is no such label', 'did you mean understudy.enable?'],
    ['understudy.sticky', 'a', 'there is no such label', 'did you mean understudy.sticky.cookie?'],
    ['understudy.protect.timeout', '5', 'there is no such label', 'did you mean understudy.protect.timeoutMs?'],
    ['understudy.', '5', 'there is no such label', expect.stringMatching(/^known are enable, /)],
    ['understudy.share', 'abc', 'expected a number from 0.01 to 100, got "abc"', expect.stringContaining('share=25')],
    ['understudy.share', '-1', 'expected a number from 0.01 to 100, got -1', expect.any(String)],
    ['understudy.share', '100.5', 'expected a number from 0.01 to 100, got 100.5', expect.any(String)],
    ['understudy.share', '1e308', 'expected a number from 0.01 to 100, got "1e308"', expect.any(String)],
    ['understudy.share', 'NaN', 'expected a number from 0.01 to 100, got "NaN"', expect.any(String)],
    ['understudy.share', '', 'is empty', 'write for example understudy.share=25'],
    ['understudy.share', '10\n20', 'holds a line break or control character', 'write it in one line'],
    ['understudy.share', '1'.repeat(3_000), 'is longer than 2000 characters', expect.any(String)],
    ['understudy.enable', 'yes', 'expected true or false, got "yes"', 'write for example understudy.enable=false'],
    ['understudy.methods', 'FETCH', expect.stringContaining('expected one of GET'), expect.any(String)],
    ['understudy.operations', 'tickets', expect.stringContaining('POST /tickets/{id}'), expect.any(String)],
    ['understudy.sticky.header', 'X User`', expect.stringContaining('expected a header name'), expect.any(String)],
    ['understudy.route', '../admin@x', expect.stringContaining('a-z, 0-9 and -'), expect.any(String)],
    ['understudy.store', 'everything', expect.stringContaining('all, differing'), expect.any(String)],
    ['understudy.ignore', '$.a.b', expect.stringContaining('not JSONPath'), expect.stringContaining('/updatedAt')],
    ['understudy.compare.guid', '/id', expect.any(String), 'did you mean understudy.compare.uuid?'],
    ['understudy.compare.number', '/price', expect.stringContaining('number needs a tolerance'), expect.any(String)],
    ['understudy.compare.number', '/price within x', expect.any(String), expect.any(String)],
    ['understudy.compare.uuid', '', 'is empty', expect.any(String)],
  ])('%s=%j is told and left out', (label, value, message, mend) => {
    const read = readLabels({ [label]: value, 'understudy.captureBytes': '1000' })
    expect(read.problems).toEqual([{ label, message, mend }])
    expect(read.fields.map(({ path }) => path[0])).toEqual(['captureBytes'])
    expect(read).toMatchObject({ enable: true, rules: [] })
  })

  it('let the first of two that contradict each other hold', () => {
    const read = readLabels({
      'understudy.store': 'all',
      'understudy.store.sample': '5',
      'understudy.Store': 'differing',
    })
    expect(read.fields.map(({ value }) => value)).toEqual(['differing'])
    expect(read.problems.map(({ label, message }) => `${label} ${message}`)).toEqual([
      'understudy.store is there twice, in other capitals',
      'understudy.store.sample says something else than understudy.Store, which holds',
    ])
  })

  it('are bounded in number', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`understudy.x${index}`, '1']))
    expect(readLabels(many)).toMatchObject({ count: 500 })
    expect(readLabels(many).problems).toHaveLength(101)
  })

  it('never throw, and never reach a prototype', () => {
    const label = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor.prototype', 'share', 'protect.rate', 'compare.__proto__', 'store'),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(label, fc.string())), (labels) => {
        readLabels(Object.fromEntries(labels.map(([name, value]) => [`understudy.${name}`, value])))
      }),
      { numRuns: 300 },
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('each have an example that is right', () => {
    for (const { label, example } of labelTable) {
      expect({ label, problems: only(`understudy.${label.replace('<treatment>', 'uuid')}`, example).problems }).toEqual(
        {
          label,
          problems: [],
        },
      )
    }
  })

  it('are there for every field of a route that a label can say, and the others are known', () => {
    const labelled = new Set(labelTable.flatMap(({ path, side }) => path ?? (side === undefined ? [] : [side])))
    const read = ['sandbox', 'enabled', 'rules']
    const notByLabel = {
      rule: "the router's own rule is the route's",
      entryPoints: "the router's own",
      priority: "the router's own",
      primary: 'the service that the container is',
      shadows: 'by their names',
      service: 'the service that the container is',
      url: 'write a route',
      headers: 'a list of pairs: write a route',
      policy: 'nested: write a route',
      protobuf: 'nested: write a route',
    }
    const below = ['primary', 'shadows', 'protect', 'redact', 'control', 'store', 'stickyBy']
    const fields = [...Object.keys(routeSchema.shape), ...below.flatMap((field) => knownKeysAt([field, 0]).names)]
    expect(fields.filter((field) => !labelled.has(field) && !read.includes(field) && !(field in notByLabel))).toEqual(
      [],
    )
  })
})
