import { describe, expect, it } from '@jest/globals'
import { type ComparedEnd, createJoints } from '../../collector/pipeline/joints.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import { tapRecord } from '../helpers/tap-batches.ts'

const result = { outcome: 'match' as const, differences: [], differencesCut: false, notes: [] }

function exchangeOf(expects: string[]) {
  const primary = tapRecord({ expects })
  const exchange: ComparedEnd['exchange'] = {
    ...{ id: primary.id, firstSeenMs: 0, primary: undefined, others: [], awaited: [], places: [] },
    ...{ bytes: 0, unsettled: expects.length, ended: true },
  }
  const pair = (variant: string): ComparedEnd => {
    const other = { ...tapRecord({ side: variant === 'control' ? 'control' : 'shadow' }), id: primary.id }
    const place = { exchange, createdAtMs: 1, route: 'bench', endpoint: 'GET /', variant }
    return { ...place, end: 'compared', primary, other, result, isKept: true }
  }
  return { exchange, pair }
}

const added = (joints: ReturnType<typeof createJoints>, pair: ComparedEnd) => {
  const out: SettledPair[] = []
  joints.add(pair, out)
  return out
}
const names = (pairs: { variant: string }[]) => pairs.map(({ variant }) => variant)

describe('an exchange with a control', () => {
  it.each([
    ['shadow', 'control'],
    ['control', 'shadow'],
  ])('is told once when %s comes before %s', (first, second) => {
    const joints = createJoints()
    const { exchange, pair } = exchangeOf(['shadow', 'control'])
    expect(names(added(joints, pair(first)))).toEqual([first])
    const [, joint] = added(joints, pair(second))
    expect(joint).toMatchObject({
      ...{ end: 'joint', variant: 'control+shadow', of: 'shadow' },
      shadow: { other: { side: 'shadow' } },
      control: { other: { side: 'control' } },
    })
    expect(exchange.unsettled).toBe(3)
  })

  it('is told for each of several shadows', () => {
    const joints = createJoints()
    const { pair } = exchangeOf(['a', 'b', 'control'])
    expect(names(added(joints, pair('a')))).toEqual(['a'])
    expect(names(added(joints, pair('control')))).toEqual(['control', 'control+a'])
    expect(names(added(joints, pair('b')))).toEqual(['b', 'control+b'])
  })

  it('is nothing without one', () => {
    const joints = createJoints()
    const { exchange, pair } = exchangeOf(['a', 'b'])
    expect(names(added(joints, pair('a')))).toEqual(['a'])
    expect(names(added(joints, pair('b')))).toEqual(['b'])
    expect(exchange.unsettled).toBe(2)
  })
})
