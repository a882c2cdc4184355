import { describe, expect, it } from '@jest/globals'
import { createSilentTaps } from '../../collector/ingest/silent-taps.ts'

function silentTaps(found: { instance: string; pairs: number }[] = []) {
  let nowMs = 1_000_000
  const asked: number[] = []
  const lost: string[] = []
  const silent = createSilentTaps({
    silenceMs: 60_000,
    end: async (silentSinceMs) => {
      asked.push(nowMs - silentSinceMs)
      return found.splice(0)
    },
    lost: (instance, pairs) => void lost.push(`${instance} ${pairs}`),
    now: () => nowMs,
  })
  const passes = async (ms: number) => {
    nowMs += ms
    await silent.look()
  }
  return { silent, passes, asked, lost }
}

describe('taps that fell silent', () => {
  it('are looked for only once this process has listened for so long', async () => {
    const { silent, passes, asked, lost } = silentTaps([{ instance: 'a', pairs: 7 }])
    await passes(120_000)
    silent.wrote()
    await passes(59_999)
    expect(asked).toEqual([])
    await passes(1)
    expect(asked).toEqual([60_000])
    expect(lost).toEqual(['a 7'])
  })

  it('are not looked for while reports cannot be written, nor soon passes', async () => {
    const { silent, passes, asked } = silentTaps()
    silent.wrote()
    await passes(50_000)
    silent.failed()
    await passes(20_000)
    silent.wrote()
    await passes(59_999)
    expect(asked).toEqual([])
    await passes(1)
    expect(asked).toEqual([60_000])
  })

  it('are looked for ten times in that time, and told only with pairs that were not told before', async () => {
    const { silent, passes, asked, lost } = silentTaps([{ instance: 'told', pairs: 0 }])
    silent.wrote()
    await passes(60_000)
    await passes(5_999)
    expect(asked).toHaveLength(1)
    await passes(1)
    expect(asked).toHaveLength(2)
    expect(lost).toEqual([])
  })
})
