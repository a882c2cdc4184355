import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { identityOf } from '../../collector/local-stack/parts/process-identity.ts'
import {
  endLeftovers,
  ensureSecrets,
  type Home,
  homeAt,
  resetHome,
  type StackFile,
  takeHome,
  writeStackFile,
} from '../../collector/local-stack/stack-home.ts'

let home: Home
beforeEach(() => {
  home = homeAt(mkdtempSync(join(tmpdir(), 'understudy-home-')))
})
afterEach(() => rmSync(home.folder, { recursive: true, force: true }))

const stackFile = (children: StackFile['children']) => ({ children }) as StackFile

describe('the folder of the native stack', () => {
  it('belongs to one run at a time', () => {
    const first = takeHome(home)
    expect(first.taken).toBe(true)
    expect(takeHome(home)).toEqual({ taken: false, holder: process.pid })
    if (first.taken) first.release()
    expect(takeHome(home).taken).toBe(true)
  })

  it('is free again when its holder was killed, even if the process id is used again', () => {
    writeFileSync(home.lockFile, JSON.stringify({ pid: process.pid, identity: 'an earlier boot 1' }))
    expect(takeHome(home).taken).toBe(true)
  })

  it('keeps its secrets between runs, for the owner alone', () => {
    ensureSecrets(home)
    const key = readFileSync(home.hmacKeyFile, 'utf8')
    ensureSecrets(home)
    expect(readFileSync(home.hmacKeyFile, 'utf8')).toBe(key)
    expect(key).toMatch(/^[0-9a-f]{64}\n$/)
    expect(readFileSync(home.ingestTokenFile, 'utf8')).not.toBe(key)
    expect(statSync(home.hmacKeyFile).mode & 0o777).toBe(0o600)
  })

  it('writes its state for the owner alone', () => {
    writeStackFile(home, stackFile([]))
    expect(statSync(home.stackFile).mode & 0o777).toBe(0o600)
  })

  it('forgets data and secrets when asked to', () => {
    ensureSecrets(home)
    resetHome(home)
    expect(existsSync(home.hmacKeyFile)).toBe(false)
    expect(existsSync(home.folder)).toBe(true)
  })
})

describe('what a killed run left running', () => {
  it('is ended when it is really ours', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const pid = child.pid as number
    writeStackFile(home, stackFile([{ name: 'Kafka', pid, identity: identityOf(pid) }]))
    expect(await endLeftovers(home, delay)).toEqual(['Kafka'])
    await ended
    expect(child.signalCode).toBe('SIGTERM')
    expect(existsSync(home.stackFile)).toBe(false)
  })

  it('is left alone when its process id belongs to another program by now', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const pid = child.pid as number
    writeStackFile(home, stackFile([{ name: 'Kafka', pid, identity: 'an earlier boot 1' }]))
    expect(await endLeftovers(home, delay)).toEqual([])
    expect(identityOf(pid)).toBeDefined()
    child.kill('SIGKILL')
  })
})
