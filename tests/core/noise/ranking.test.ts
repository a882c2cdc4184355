import { describe, expect, it } from '@jest/globals'
import { compareNoisyService, REAL_CHANGE } from './noisy-service.ts'

describe('causes of a noisy service', () => {
  // `npm run bench -- noise` does the same over 20 seeds.
  it.each([1, 2])('name the real change alone, and propose a rule for every noise (seed %i)', (seed) => {
    const { causes, proposals } = compareNoisyService(seed)
    expect(causes).toEqual([REAL_CHANGE])
    expect(proposals.sort()).toEqual([
      'counter /served',
      'timestamp /at',
      'timestamp /items/*/seenAt',
      'token /token',
      'unordered /items',
      'unordered /tags',
      'uuid /requestId',
    ])
  })
})
