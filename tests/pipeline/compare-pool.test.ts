import { afterEach, describe, expect, it } from '@jest/globals'
import { compareFull } from '../../collector/core/compare/compare-full.ts'
import { type ComparePool, type ComparePoolOptions, createComparePool } from '../../collector/pipeline/compare-pool.ts'
import { primarySide, shadowSide } from '../core/compare/sides.ts'

const HOSTILE = new URL('../fixtures/compare/hostile-compare-worker.ts', import.meta.url)

const pools: ComparePool[] = []

function openPool(options: ComparePoolOptions = {}): ComparePool {
  const pool = createComparePool(options)
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

const TEXT = { 'Content-Type': ['text/plain'] }
const pair = (shadowBody: string) => ({
  primary: primarySide('as before', { headers: TEXT }),
  other: shadowSide(shadowBody, { headers: TEXT }),
})

describe('compare pool', () => {
  it('gives what compareFull gives, in the order of the jobs', async () => {
    const jobs = Array.from({ length: 200 }, (_, i) => pair(`line ${i}`))
    const results = await openPool().compare(jobs)
    expect(results).toEqual(jobs.map(({ primary, other }) => compareFull(primary, other)))
  })

  it('answers an empty call without starting a thread', async () => {
    expect(await openPool().compare([])).toEqual([])
  })

  it('serves many calls at once with two threads and a queue shorter than one of them', async () => {
    const pool = openPool({ size: 2, maxQueued: 5 })
    const calls = Array.from({ length: 10 }, (_, call) =>
      pool.compare(Array.from({ length: 40 }, (_, i) => pair(`call ${call} line ${i}`))),
    )
    const results = await Promise.all(calls)
    results.forEach((batch, call) => {
      expect(batch.map((result) => result.differences[0]?.shadow)).toEqual(
        Array.from({ length: 40 }, (_, i) => `call ${call} line ${i}`),
      )
    })
    expect(pool.pending()).toBe(0)
  })

  it('compares a pair that runs past the time limit by hash, and the others of its batch as ever', async () => {
    const restarts: string[] = []
    const pool = openPool({ script: HOSTILE, timeLimitMs: 100, onRestart: (reason) => restarts.push(reason) })
    const results = await pool.compare(['one', 'hang', 'three', 'hang', 'five'].map(pair))
    expect(results.map(({ notes }) => notes)).toEqual([
      [],
      ['diff took longer than 100 ms: compared by hash'],
      [],
      ['diff took longer than 100 ms: compared by hash'],
      [],
    ])
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('different'))
    expect(results[1]?.differences[0]).toMatchObject({ path: '', kind: 'changed' })
    expect(restarts).toEqual(['time-limit', 'time-limit'])
  })

  it('waits for a pair whose thread gets no time, but not for ever', async () => {
    const restarts: string[] = []
    const pool = openPool({ script: HOSTILE, timeLimitMs: 100, onRestart: (reason) => restarts.push(reason) })
    const [starved] = await pool.compare([pair('starve')])
    expect([starved?.notes, restarts]).toEqual([[], []])
    const [stuck] = await pool.compare([pair('stand still')])
    expect([stuck?.notes, restarts]).toEqual([['diff took longer than 100 ms: compared by hash'], ['time-limit']])
  })

  it.each(['exit', 'throw', 'hoard'])('survives a thread that dies in hand of a pair (%s)', async (cause) => {
    const restarts: string[] = []
    const pool = openPool({ script: HOSTILE, workerHeapMb: 32, timeLimitMs: 8_000, onRestart: (r) => restarts.push(r) })
    const results = await pool.compare(['one', cause, 'three'].map(pair))
    expect(results.map(({ notes }) => notes)).toEqual([[], ['diff failed: compared by hash'], []])
    expect(restarts).toEqual(['crash'])
    expect(await pool.compare([pair('after')])).toHaveLength(1)
  })

  it('carries documents nested 100,000 deep and lone surrogates across threads', async () => {
    const deep = { primary: primarySide('['.repeat(100_000) + ']'.repeat(100_000)), other: shadowSide('[]') }
    const lone = { primary: primarySide('{"a":"\\ud800"}'), other: shadowSide('{"a":"\\u0000"}') }
    const [first, second] = await openPool().compare([deep, lone])
    expect(first?.notes).toEqual(['primary JSON nested deeper than 200: compared by hash'])
    expect(second?.differences).toEqual([{ path: '/a', kind: 'changed', primary: '\ufffd', shadow: '\\u0000' }])
  })

  it('rejects what waits when it is closed, as something to try again', async () => {
    const pool = openPool({ script: HOSTILE, timeLimitMs: 60_000 })
    const waiting = expect(pool.compare([pair('hang')])).rejects.toMatchObject({ retriable: true })
    await pool.close()
    await waiting
    await expect(pool.compare([pair('late')])).rejects.toMatchObject({ retriable: true })
  })
})
