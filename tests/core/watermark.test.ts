import { describe, expect, it } from '@jest/globals'
import { createStreamClock } from '../../collector/core/stream-clock.ts'
import { createWatermark } from '../../collector/core/watermark.ts'

describe('watermark', () => {
  it('commits only below the oldest open offset', () => {
    const watermark = createWatermark()
    expect(watermark.committable()).toBeUndefined()
    const [a, b, c] = [watermark.open(5), watermark.open(6), watermark.open(9)]
    expect(watermark.committable()).toBe(5)
    b.done = true
    c.done = true
    expect(watermark.committable()).toBe(5)
    a.done = true
    expect(watermark.committable()).toBe(10)
    expect(watermark.size()).toBe(0)
  })

  it('keeps its place over many thousands of records', () => {
    const watermark = createWatermark()
    const entries = Array.from({ length: 20_000 }, (_, index) => watermark.open(index))
    for (const entry of entries.slice(0, 15_000)) entry.done = true
    expect(watermark.committable()).toBe(15_000)
    expect(watermark.size()).toBe(5_000)
  })
})

describe('stream clock', () => {
  it('counts a long silence as five seconds, so an outage makes nobody late', () => {
    const clock = createStreamClock()
    clock.read(1_000_000)
    clock.read(1_060_000)
    clock.read(1_060_001)
    expect(clock.now()).toBe(5_001)
  })

  it('runs while fetches answer with nothing to read, and not twice', () => {
    const clock = createStreamClock()
    clock.read(1_000)
    for (let wall = 2_000; wall <= 46_000; wall += 1_000) clock.idle(wall)
    clock.read(46_000)
    expect(clock.now()).toBe(45_000)
  })

  it('never runs backwards when a clock jumps', () => {
    const clock = createStreamClock()
    clock.read(10_000)
    clock.read(5_000)
    clock.read(10_500)
    expect(clock.now()).toBe(500)
  })
})
