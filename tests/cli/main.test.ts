import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startApi, type TestApi } from '../api/api-server.ts'

const script = resolve(import.meta.dirname, '../../collector/cli/main.ts')
let api: TestApi
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

type Ended = { code: number | null; signal: string | null; out: string; err: string }

function run(
  args: string[],
  act: (child: ReturnType<typeof spawn>) => void = () => undefined,
  env: Record<string, string> = {},
): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, UNDERSTUDY_API: api.url, ...env },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.on('close', (code, signal) => done({ code, signal, out, err }))
    act(child)
  })
}

describe('the understudy command', () => {
  it('ends with its exit code, data on stdout alone', async () => {
    const { code, out, err } = await run(['status', '--json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ version: '1.2.3' })
    expect(await run(['status', '--nope'])).toMatchObject({ code: 2, out: '' })
    expect(await run(['status'], undefined, { UNDERSTUDY_API: 'http://127.0.0.1:2' })).toMatchObject({
      code: 1,
      out: '',
    })
  })

  it('ends quietly when whoever reads it has gone', async () => {
    const { code, err } = await run(['comparisons', '--limit', '15'], (child) => child.stdout?.destroy())
    expect({ code, err: err.replace(/^there are more.*\n/, '') }).toEqual({ code: 0, err: '' })
  })

  it('ends without a trace on Ctrl-C', async () => {
    const slow = await startApi({ status: () => new Promise(() => undefined) })
    try {
      const { code, out, err } = await run(
        ['status'],
        (child) => {
          slow.onRequest(() => child.kill('SIGINT'))
        },
        { UNDERSTUDY_API: slow.url },
      )
      expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'understudy: stopped\n' })
    } finally {
      await slow.close()
    }
  })
})
