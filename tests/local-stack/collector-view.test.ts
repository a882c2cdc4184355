import { describe, expect, it } from '@jest/globals'
import { countsLine } from '../../collector/local-stack/collector-view.ts'

describe('the line of counts', () => {
  it('adds up over routes and variants', () => {
    const metrics = [
      '# HELP understudy_comparisons_total Comparisons',
      'understudy_comparisons_total{route="a",variant="shadow",outcome="match"} 90',
      'understudy_comparisons_total{route="b",variant="shadow",outcome="match"} 10',
      'understudy_comparisons_total{route="a",variant="shadow",outcome="different"} 7',
      'understudy_comparisons_total{route="a",variant="shadow",outcome="incomplete"} 1',
      'understudy_unpaired_total{route="a",reason="window"} 2',
      'understudy_dropped_total{stage="tap",reason="queue"} 3',
    ].join('\n')
    expect(countsLine(metrics)).toBe('108 compared: 100 match, 7 different, 1 incomplete; 2 unpaired, 3 dropped')
  })

  it('is all zeros before the first request', () => {
    expect(countsLine('')).toBe('0 compared: 0 match, 0 different; 0 unpaired, 0 dropped')
  })
})
