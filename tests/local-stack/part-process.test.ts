import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keepRunning } from '../../collector/local-stack/keep-running.ts'
import { startPartProcess } from '../../collector/local-stack/parts/part-process.ts'
import { identityOf } from '../../collector/local-stack/parts/process-identity.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-part-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const start = (script: string, isReady = async () => true, readyWithinMs = 60_000) =>
  startPartProcess({
    name: 'A part',
    address: '127.0.0.1:1',
    command: process.execPath,
    args: ['-e', script],
    logFile: join(folder, 'logs', 'part.log'),
    isReady,
    readyWithinMs,
  })
const forever = 'setInterval(() => {}, 1000)'

describe('a part of the stack', () => {
  it('that ends at once is told with its last words and where the rest is', async () => {
    const log = join(folder, 'logs', 'part.log')
    await expect(start('console.error("no room"); process.exit(3)', async () => false)).rejects.toThrow(
      `A part on 127.0.0.1:1 ended at once (code 3); it said: no room (all of it: ${log})`,
    )
  })

  it('that is never ready is ended', async () => {
    await expect(start(`console.log(process.pid);${forever}`, async () => false, 200)).rejects.toThrow(
      'was not ready within 0.2 s',
    )
    expect(identityOf(Number(readFileSync(join(folder, 'logs', 'part.log'), 'utf8')))).toBeUndefined()
  })

  it('that ignores the request to end is killed after its grace', async () => {
    const ready = () => readFileSync(join(folder, 'logs', 'part.log'), 'utf8').includes('deaf')
    const part = await start(`process.on('SIGTERM', () => {}); console.log('deaf'); ${forever}`, async () => ready())
    await Promise.all([part.stop(50), part.stop(50)])
    expect(identityOf(part.pid)).toBeUndefined()
  })

  it('starts again when something else ends it, and not when we do', async () => {
    const said: string[] = []
    const kept = await keepRunning({
      name: 'A part',
      start: () => start(forever),
      say: (line) => said.push(line),
      changed: () => {},
    })
    const first = kept.current()?.pid as number
    process.kill(first, 'SIGKILL')
    const second = await waitUntil(() => kept.current()?.pid !== first && kept.current()?.pid)
    await kept.stop()
    expect(identityOf(second)).toBeUndefined()
    expect(said).toEqual(['ended unexpectedly, starts again in 0.5 s', 'is back'])
  })

  it('does not outlive a stack that was killed', async () => {
    const program = `
      const { startPartProcess } = await import(${JSON.stringify(resolve('collector/local-stack/parts/part-process.ts'))})
      const options = { name: 'A part', address: '', command: process.execPath, args: ['-e', ${JSON.stringify(forever)}] }
      const part = await startPartProcess({ ...options, logFile: ${JSON.stringify(join(folder, 'log'))}, isReady: async () => true, readyWithinMs: 1000 })
      console.log(part.pid)
      setInterval(() => {}, 1000)`
    const stack = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(await new Promise((told) => stack.stdout.once('data', told)))
    expect(identityOf(pid)).toBeDefined()
    stack.kill('SIGKILL')
    await waitUntil(() => identityOf(pid) === undefined)
  })
})
