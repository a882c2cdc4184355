import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { findStack } from '../../collector/cli/stack.ts'
import { OFF_MARKER } from '../../collector/rollout/overlay-switch.ts'
import { startApi } from '../api/api-server.ts'
import { homeWith, understudy } from './run-understudy.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function home(stack: unknown): Promise<string> {
  const { home, remove } = await homeWith(stack)
  cleanups.push(remove)
  return home
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'understudy-dynamic-'))
  cleanups.push(() => rm(path, { recursive: true, force: true }))
  return path
}

describe('the stack that a command talks to', () => {
  const written = {
    api: 'http://127.0.0.1:18081',
    kafkaBrokers: ['127.0.0.1:19092', 'b:2'],
    databaseUrl: 'postgres://u:p@127.0.0.1/d',
    dynamicDir: '/d',
    pids: { kafka: 1 },
  }

  it('is what the native stack wrote down', async () => {
    expect(findStack({ UNDERSTUDY_HOME: await home(written) })).toMatchObject({
      api: 'http://127.0.0.1:18081',
      apiFrom: 'stack file',
      kafkaBrokers: '127.0.0.1:19092,b:2',
      databaseUrl: 'postgres://u:p@127.0.0.1/d',
    })
  })

  it('is what the environment says before that', async () => {
    const env = {
      UNDERSTUDY_HOME: await home(written),
      UNDERSTUDY_API: 'https://x.internal/',
      KAFKA_BROKERS: 'k:1',
      DATABASE_URL: 'postgres://e',
    }
    expect(findStack(env)).toMatchObject({
      api: 'https://x.internal',
      apiFrom: 'UNDERSTUDY_API',
      kafkaBrokers: 'k:1',
      databaseUrl: 'postgres://e',
    })
  })

  it.each(['', '{', '[]', 'null', '{"api":5}', '{"api":"http://127'])(
    'is at the usual ports when the file says %j',
    async (text) => {
      expect(findStack({ UNDERSTUDY_HOME: await home(text) })).toMatchObject({
        api: 'http://127.0.0.1:8081',
        apiFrom: 'default',
        kafkaBrokers: '127.0.0.1:9092',
      })
    },
  )
})

describe('understudy env', () => {
  it('prints NAME=value lines of what runs', async () => {
    const api = await startApi()
    cleanups.push(() => api.close())
    const { code, out } = await understudy(['env'], {
      UNDERSTUDY_HOME: await home({
        api: api.url,
        kafkaBrokers: '127.0.0.1:1',
        databaseUrl: "postgres://u:p'w@127.0.0.1:5433/d",
      }),
    })
    expect(code).toBe(0)
    expect(out).toBe(
      `KAFKA_BROKERS=127.0.0.1:1\nDATABASE_URL='postgres://u:p'\\''w@127.0.0.1:5433/d'\nUNDERSTUDY_API=${api.url}\nUNDERSTUDY_TRAEFIK_API=http://127.0.0.1:8002\n`,
    )
  })

  it('says one line when the stack that was written down is gone', async () => {
    const { code, out, err } = await understudy(['env'], {
      UNDERSTUDY_HOME: await home({ api: 'http://127.0.0.1:2', kafkaBrokers: 'x:1' }),
    })
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'understudy: no Understudy is running here: start one with `npm start`\n',
    })
  })

  it('prints what the environment says without asking anybody', async () => {
    const env = { KAFKA_BROKERS: 'k:1', DATABASE_URL: 'postgres://e', UNDERSTUDY_API: 'http://127.0.0.1:2' }
    expect((await understudy(['env', '--json'], env)).json).toMatchObject({
      KAFKA_BROKERS: 'k:1',
      DATABASE_URL: 'postgres://e',
    })
  })
})

const rendered = `# Managed by Understudy
http:
  routers:
    understudy-a-plain: { rule: PathPrefix(\`/\`), priority: 9, service: understudy-a-primary }
    understudy-a-overlay: { rule: (PathPrefix(\`/\`)) && Method(\`GET\`), priority: 10, service: understudy-a-share }
    understudy-b-overlay.2: { rule: Host(\`b\`), priority: 11, service: understudy-b-share }
  services:
    understudy-a-primary: { loadBalancer: { servers: [{ url: http://127.0.0.1:3000 }] } }
  middlewares:
    understudy-revision: { headers: {} }
`

describe('understudy off while the collector is down', () => {
  it('takes the overlays out of the file and leaves the plain routers', async () => {
    const dynamicDir = await folder()
    const file = join(dynamicDir, 'understudy.yaml')
    await writeFile(file, rendered)
    const env = { UNDERSTUDY_HOME: await home({ api: 'http://127.0.0.1:2', dynamicDir }) }
    const { code, out, err } = await understudy(['off'], env)
    expect({ code, out }).toEqual({ code: 0, out: 'overlays are off (2 routes)\n' })
    expect(err).toContain('the collector does not answer')
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('overlay')
    expect(text).toContain('understudy-a-plain')
    expect(text).toContain('# Managed by Understudy')
    expect(await readFile(join(dynamicDir, OFF_MARKER), 'utf8')).toContain('Overlays were switched off')
    expect(await understudy(['off'], env)).toMatchObject({ code: 0, out: 'overlays are off (0 routes)\n' })
  })

  it('lets them come back with the collector after on', async () => {
    const dynamicDir = await folder()
    await writeFile(join(dynamicDir, 'understudy.yaml'), rendered)
    const env = { UNDERSTUDY_HOME: await home({ api: 'http://127.0.0.1:2', dynamicDir }) }
    await understudy(['off'], env)
    expect(await understudy(['on'], env)).toMatchObject({ code: 0, err: expect.stringContaining('when it starts') })
    expect(existsSync(join(dynamicDir, OFF_MARKER))).toBe(false)
  })

  it('says what is wrong with a file that it cannot read, and leaves it', async () => {
    const dynamicDir = await folder()
    const file = join(dynamicDir, 'understudy.yaml')
    await writeFile(file, 'http: [')
    const { code, err } = await understudy(['off'], {
      UNDERSTUDY_HOME: await home({ api: 'http://127.0.0.1:2', dynamicDir }),
    })
    expect(code).toBe(1)
    expect(err).toContain(file)
    expect(await readFile(file, 'utf8')).toBe('http: [')
  })

  it('says that nothing runs where there is no file either', async () => {
    expect(await understudy(['off'], { UNDERSTUDY_HOME: await home({ api: 'http://127.0.0.1:2' }) })).toMatchObject({
      code: 1,
      err: expect.stringContaining('no Understudy is running here'),
    })
  })
})
