import { describe, expect, it } from '@jest/globals'
import { parseRoute, routeDefaults } from '../../plugin-config/route.ts'

const written = {
  name: 'ticketing',
  rule: 'PathPrefix(`/api`)',
  primary: { url: 'http://127.0.0.1:3000' },
  shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001' }],
}

function problems(patch: unknown): string[] {
  const parsed = parseRoute(typeof patch === 'object' ? { ...written, ...patch } : patch, 'file')
  return parsed.ok ? [] : parsed.problems.map(({ pointer, message }) => `${pointer} ${message}`)
}

describe('a route', () => {
  it('gets the defaults of where it was written', () => {
    const file = parseRoute(written, 'file')
    const flags = parseRoute(written, 'flags')
    expect(file).toMatchObject({
      ok: true,
      route: { share: 10, store: { sample: 1 }, exposeId: false, control: 0, protect: { rate: 100, inFlight: 50 } },
    })
    expect(flags).toMatchObject({
      ok: true,
      route: { share: 100, store: 'all', exposeId: true, control: 5, protect: { rate: 0, inFlight: 200 } },
    })
    expect(routeDefaults('rest')).toEqual(routeDefaults('file'))
  })

  it('takes a policy and versions, and refuses a policy that contradicts itself with the reason', () => {
    const policy = { tolerance: { equality: 0.5 }, critical: { endpoints: ['GET /pay'] } }
    expect(parseRoute({ ...written, policy, primary: { ...written.primary, version: '1.4.2' } }, 'file')).toMatchObject(
      {
        ok: true,
        route: { policy, primary: { version: '1.4.2' } },
      },
    )
    expect(problems({ policy: { tolerence: { equality: 1 } } })).toEqual([
      '/policy/tolerence unknown key "tolerence": did you mean tolerance?',
    ])
    expect(problems({ policy: { latency: { mayFail: true } }, control: 5 })).toEqual([
      expect.stringMatching(/^\/policy\/latency\/mayFail needs a control instance of its own/),
    ])
    expect(problems({ policy: { coverage: { live: 0 } } })).toEqual([expect.stringMatching(/pass on silence$/)])
    expect(problems({ policy: { maxWait: { seconds: 600, action: 'promote' } } })).toEqual([
      '/policy/maxWait/action expected hold or rollback: silence is never a reason to promote',
    ])
  })

  it('keeps the defaults of what a partial protect or redact leaves out', () => {
    const parsed = parseRoute({ ...written, protect: { rate: 5 }, redact: { query: ['voucher'] } }, 'file')
    expect(parsed.ok && parsed.route.protect).toEqual({
      ...{ rate: 5, burst: 200, inFlight: 50, timeoutMs: 5000, breakAtPercent: 50, pauseMs: 60_000 },
    })
    expect(parsed.ok && parsed.route.redact).toEqual({ headers: [], query: ['voucher'] })
  })

  it('reads back what it became', () => {
    const first = parseRoute(
      { ...written, stickyBy: { cookie: 'sid' }, control: { url: 'http://10.0.0.1', percent: 2 } },
      'flags',
    )
    expect(first.ok && parseRoute(JSON.parse(JSON.stringify(first.route)), 'file')).toEqual(first)
  })

  it.each([
    ['share', -1],
    ['share', 0],
    ['share', 0.009],
    ['share', 100.5],
    ['share', '50'],
    ['share', 1e308],
    ['share', Number.NaN],
    ['share', Number.POSITIVE_INFINITY],
    ['share', null],
    ['share', true],
  ])('refuses %s: %p', (key, value) => {
    expect(problems({ [key]: value })).toEqual([
      expect.stringMatching(/^\/share expected a number from 0\.01 to 100, got /),
    ])
  })

  it.each(['', 'a/b', 'a@docker', '..', 'Upper', '🙂', 'a b', 'x'.repeat(64), 'x'.repeat(300), 'a`b', '{{a}}', 'a\n'])(
    'refuses the name %j',
    (name) => {
      expect(problems({ name })).toHaveLength(1)
      expect(problems({ shadows: [{ name, url: 'http://127.0.0.1' }] })).toHaveLength(1)
    },
  )

  it.each([
    ['http://169.254.169.254', /link-local/],
    ['http://[::ffff:169.254.169.254]', /link-local/],
    ['http://[fd00:ec2::254]', /link-local/],
    ['http://[fe80::1]:80', /link-local/],
    ['http://metadata.google.internal', /metadata/],
    ['http://0.0.0.0:80', /unspecified/],
    ['http://224.0.0.1', /multicast/],
    ['http://255.255.255.255', /multicast/],
    ['http://0x7f.1', /means 127\.0\.0\.1/],
    ['http://2130706433', /means 127\.0\.0\.1/],
    ['http://0251.0376.0251.0376', /means 169\.254\.169\.254/],
    ['http://127.1', /means 127\.0\.0\.1/],
    ['file:///etc/passwd', /expected http/],
    ['ftp://example.com', /expected http/],
    ['//example.com', /expected http/],
    ['http:example.com', /expected http/],
    ['http://', /expected http/],
    ['http://a:99999', /expected http/],
    ['http://user:secret@example.com', /user name or password/],
    ['http://a@b:80#@c', /user name or password/],
    ['http://example.com/path', /no path/],
    ['http://example.com?x=1', /no path/],
    ['http://exa mple.com', /space/],
    ['http://example.com\n', /space/],
    ['http://a`b', /backtick/],
    ['http://{{env "X"}}', /./],
    ['http://ex\\ample.com', /space|expected/],
  ])('refuses the target %s', (url, message) => {
    const found = problems({ shadows: [{ name: 'shadow', url }] })
    expect(found).toEqual([expect.stringMatching(message)])
    expect(found[0]).toMatch(/^\/shadows\/0\/url /)
    expect(found[0]).not.toContain('secret')
    expect(problems({ primary: url })).not.toEqual([expect.stringContaining('secret')])
  })

  it.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://10.1.2.3', 'http://10.1.2.3'],
    ['https://API.example.com:443/', 'https://api.example.com'],
    ['http://ticketing_app:8080', 'http://ticketing_app:8080'],
  ])('takes the target %s', (url, normal) => {
    const parsed = parseRoute({ ...written, primary: { url } }, 'file')
    expect(parsed.ok && parsed.route.primary).toEqual({ url: normal })
  })

  it.each([
    'api@internal',
    'ticketing',
    'a`b@docker',
    'a@b@c',
    '@docker',
    'understudy-x-share@file',
    'a b@docker',
    '{{x}}@file',
  ])('refuses the service %s', (service) => {
    expect(problems({ primary: { service } })).toEqual([expect.stringMatching(/^\/primary\/service /)])
  })

  it.each([
    'Host(`',
    'Host(`a`',
    'Host(a)',
    'PathPrefix(`/`) &&',
    'PathPrefix(`/`) PathPrefix(`/`)',
    'Host(`{{env "X"}}`)',
    'PathPrefix(`/`)\n|| Host(`a`)',
    'PathPrefx(`/`)',
    'Host(`a`, `b`)',
    'PathPrefix(`api`)',
    `${'!'.repeat(100)}Host(\`a\`)`,
    `Host(\`${'a'.repeat(10_000)}\`)`,
    ' ',
    'PathPrefix(`/`) // comment',
  ])('refuses the rule %j', (rule) => {
    expect(problems({ rule })).toEqual([expect.stringMatching(/^\/rule rule: /)])
  })

  it.each([
    ['POST /tickets/{id}', true],
    ['PUT /a.b/c-d/~e', true],
    ['DELETE /', true],
    ['post /tickets', false],
    ['POST tickets', false],
    ['POST  /tickets', false],
    ['POST /a`) || PathPrefix(`/', false],
    ['POST /a b', false],
    ['POST /{a', false],
    ['CONNECT /a', false],
    ['POST /a?x=1', false],
    [`POST /${'a'.repeat(600)}`, false],
  ])('takes the operation %s: %p', (operation, isTaken) => {
    expect(problems({ operations: [operation] }).length === 0).toBe(isTaken)
  })

  it.each([
    [{ shadowPercnt: 5 }, '/shadowPercnt unknown key "shadowPercnt": did you mean share?'],
    [{ shadow: [] }, '/shadow unknown key "shadow": did you mean shadows?'],
    [{ sahre: 5 }, '/sahre unknown key "sahre": did you mean share?'],
    [{ protect: { timeoutMS: 5 } }, '/protect/timeoutMS unknown key "timeoutMS": did you mean timeoutMs?'],
    [{ primary: { uri: 'http://a' } }, '/primary/uri unknown key "uri": did you mean url?'],
    [
      { methods: ['get'] },
      '/methods/0 expected one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE, in capitals, got "get"',
    ],
    [{ enabled: 'no' }, '/enabled expected true or false, got "no"'],
    [{ protect: null }, '/protect expected rate, burst, inFlight or timeoutMs, got null'],
    [{ maxBodySize: 104857600 }, '/maxBodySize expected a number from 1024 to 1048576, got 104857600'],
    [{ shadows: [] }, '/shadows expected at least one shadow, got []'],
    [{ rule: undefined }, ' a primary with a url needs a rule, such as PathPrefix(`/`)'],
  ])('explains what is wrong with %j', (patch, message) => {
    expect(problems(patch)).toContain(message)
  })

  it.each([null, undefined, [], 'x', 5, true])('is not %p', (value) => {
    expect(parseRoute(value, 'rest')).toMatchObject({ ok: false, problems: [{ pointer: '' }] })
  })

  it('does not take the reserved variant, nor one twice', () => {
    const shadow = (name: string) => ({ name, url: 'http://127.0.0.1' })
    expect(problems({ shadows: [shadow('control')] })).toEqual([expect.stringContaining('reserved')])
    expect(problems({ shadows: [shadow('a'), shadow('a')] })).toEqual(['/shadows/1/name a is there twice'])
  })

  it('lets all its legs end within the pair window', () => {
    const shadows = Array.from({ length: 5 }, (_, index) => ({ name: `s${index}`, url: 'http://127.0.0.1' }))
    expect(problems({ shadows, protect: { timeoutMs: 8000 } })).toEqual([])
    expect(problems({ shadows, protect: { timeoutMs: 8000 }, control: 1 })).toEqual([
      expect.stringContaining('48000 ms'),
    ])
  })

  it('leaves to a discovered primary what belongs to its router', () => {
    const primary = { service: 'ticketing@docker' }
    expect(problems({ primary, rule: undefined })).toEqual([])
    expect(problems({ primary, priority: 5, entryPoints: ['web'] })).toHaveLength(2)
  })

  it.each([
    -1,
    100.5,
    '5',
    Number.NaN,
    {},
    { percent: 5, url: 'http://10.0.0.1', service: 'a@docker' },
    { percent: 5, rate: -1 },
  ])('refuses the control %j', (control) => {
    expect(problems({ control })).not.toEqual([])
  })

  it('does not take a prototype for a key', () => {
    expect(problems(JSON.parse('{"__proto__": {"share": 3}}'))).toEqual([
      expect.stringContaining('unknown key "__proto__"'),
    ])
    expect(parseRoute(JSON.parse(`{"__proto__": {}, "name": "a"}`), 'rest').ok).toBe(false)
  })
})
