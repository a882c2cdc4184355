import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { cacheFolder, fetchOnce } from '../../collector/local-stack/parts/cache.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-cache-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const signal = new AbortController().signal
const fill = async (into: string) => writeFile(join(into, 'part'), 'x')

describe('the cache of fetched parts', () => {
  it.each([
    [{ UNDERSTUDY_CACHE: '/c' }, '/c'],
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/understudy'],
    [{ HOME: '/h' }, '/h/.cache/understudy'],
  ])('is where %j says', (env, expected) => {
    expect(cacheFolder(env)).toBe(expected)
  })

  it('fetches once for two who want the same at the same time', async () => {
    let fetches = 0
    const slowFill = async (into: string) => {
      fetches += 1
      await delay(20)
      await fill(into)
    }
    const entry = join(folder, 'kafka')
    await Promise.all([fetchOnce(entry, slowFill, signal), fetchOnce(entry, slowFill, signal)])
    expect(fetches).toBe(1)
    expect(readdirSync(folder)).toEqual(['kafka'])
  })

  it('holds nothing half after a fetch that failed', async () => {
    const entry = join(folder, 'kafka')
    const broken = async (into: string) => {
      await fill(into)
      throw new Error('no network')
    }
    await expect(fetchOnce(entry, broken, signal)).rejects.toThrow('no network')
    expect(readdirSync(folder)).toEqual([])
  })

  it('takes over from a fetch that was killed', async () => {
    const dead = spawn(process.execPath, ['-e', ''])
    await new Promise((resolve) => dead.once('exit', resolve))
    writeFileSync(join(folder, 'kafka.lock'), String(dead.pid))
    // Its unfinished folder has to go too.
    await fetchOnce(join(folder, 'kafka.partial-1'), fill, signal)
    await fetchOnce(join(folder, 'kafka'), fill, signal)
    expect(readdirSync(folder)).toEqual(['kafka'])
  })

  it('stops waiting when told to', async () => {
    writeFileSync(join(folder, 'kafka.lock'), String(process.pid))
    await expect(fetchOnce(join(folder, 'kafka'), fill, AbortSignal.timeout(20))).rejects.toThrow()
  })
})
