import { describe, expect, it } from '@jest/globals'
import { parseStart } from '../../collector/local-stack/stack-options.ts'

const start = (args: string[], env: Record<string, string> = {}) => {
  const parsed = parseStart(args, env, '/home/me/app')
  if (parsed.kind !== 'start') throw new Error(JSON.stringify(parsed))
  return parsed.options
}
const problems = (args: string[], env: Record<string, string> = {}) => {
  const parsed = parseStart(args, env, '/home/me/app')
  return parsed.kind === 'refused' ? parsed.problems : []
}

describe('what npm start is asked for', () => {
  it('is the demo on the usual ports when nothing is said', () => {
    expect(start([])).toEqual({
      reset: false,
      routes: { from: 'demo' },
      ports: { web: 8000, traefikApi: 8002, http: 8081, ingest: 8082, kafka: 9092, postgres: 5433 },
      demoTraffic: true,
    })
  })

  it('can be to forget, and to send nothing', () => {
    expect(start(['--reset', '--no-demo-traffic'])).toMatchObject({ reset: true, demoTraffic: false })
  })

  it('takes ports from the environment, and from flags before it', () => {
    const env = { UNDERSTUDY_WEB_PORT: '8100', UNDERSTUDY_TRAEFIK_API_PORT: '8102', UNDERSTUDY_KAFKA_PORT: '' }
    expect(start(['--port-traefik-api', '8202'], env).ports).toMatchObject({ web: 8100, traefikApi: 8202, kafka: 9092 })
  })

  it("makes one route of two servers, with the flags' defaults", () => {
    const { routes } = start(['--primary', 'http://127.0.0.1:3000', '--shadow', 'http://127.0.0.1:3001'])
    expect(routes).toMatchObject({
      from: 'flags',
      route: {
        name: 'default',
        rule: 'PathPrefix(`/`)',
        primary: { url: 'http://127.0.0.1:3000' },
        shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001' }],
        share: 100,
        methods: ['GET', 'HEAD', 'OPTIONS'],
        store: 'all',
        exposeId: true,
        control: 5,
        protect: { rate: 0, inFlight: 200, timeoutMs: 5000 },
      },
    })
  })

  it('lets flags say the rule, the share and the methods of that route', () => {
    const servers = ['--primary', 'http://127.0.0.1:3000', '--shadow', 'http://127.0.0.1:3001']
    const { routes } = start([...servers, '--rule', 'Host(`a.b`)', '--share', '2.5', '--methods', 'get, HEAD'])
    expect(routes).toMatchObject({ route: { rule: 'Host(`a.b`)', share: 2.5, methods: ['GET', 'HEAD'] } })
  })

  it('finds a routes file from the folder of the caller', () => {
    expect(start(['--config', 'routes/understudy.yaml']).routes).toEqual({
      from: 'file',
      path: '/home/me/app/routes/understudy.yaml',
    })
  })

  it.each([
    [['--primary', 'http://127.0.0.1:1'], '--primary is given without --shadow: expected both'],
    [['--shadow', 'http://127.0.0.1:1'], '--shadow is given without --primary: expected both'],
    [['--share', '10'], '--share belongs to --primary and --shadow, which are missing'],
    [['--config', 'a', '--primary', 'http://x', '--shadow', 'http://y'], '--config names the routes already'],
    [['--primary', 'ftp://x', '--shadow', 'http://127.0.0.1:1'], '--primary: expected http'],
    [['--primary', 'http://127.0.0.1:1', '--shadow', 'http://127.0.0.1:2', '--share', 'all'], '--share: expected'],
    [
      ['--primary', 'http://127.0.0.1:1', '--shadow', 'http://127.0.0.1:2', '--methods', 'FETCH'],
      '--methods: expected',
    ],
    [['--port-web', 'http'], '--port-web=http: expected a port, 1 to 65535'],
    [['--port-web', '8081'], "port 8081 is for Traefik, for clients and for the collector's API"],
    [['--confg', 'a'], "unknown option '--confg'"],
    [['now'], 'too many arguments'],
  ])('%j is refused in words', (args, words) => {
    expect(problems(args).join('\n')).toContain(words)
  })

  it('tells all problems at once, the environment by its name', () => {
    expect(problems(['--shadow', 'http://x'], { UNDERSTUDY_KAFKA_PORT: '0' })).toEqual([
      '--shadow is given without --primary: expected both',
      'UNDERSTUDY_KAFKA_PORT=0: expected a port, 1 to 65535',
    ])
  })

  it('answers --help with every flag and an example', () => {
    const parsed = parseStart(['--help'], {}, '/')
    expect(parsed.kind === 'help' && parsed.text).toMatch(
      /npm start -- --reset[\s\S]*--primary <url>[\s\S]*UNDERSTUDY_INGEST_PORT/,
    )
  })
})
