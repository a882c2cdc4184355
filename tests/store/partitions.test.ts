import { describe, expect, it } from '@jest/globals'
import { type Partition, partitionName, partitionsToDrop } from '../../collector/store/partitions.ts'

const DAY = 86_400_000
const day = (number: number, bytes = 100): Partition => ({
  name: `p${number}`,
  fromMs: number * DAY,
  toMs: (number + 1) * DAY,
  bytes,
})
const names = (partitions: Partition[]) => partitions.map((partition) => partition.name)

describe('retention', () => {
  it('drops what is wholly past the age, oldest first', () => {
    const all = [day(3), day(1), day(2), day(9)]
    expect(names(partitionsToDrop(all, 9.5 * DAY, 7 * DAY, 1e9))).toEqual(['p1'])
    expect(names(partitionsToDrop(all, 10 * DAY, 7 * DAY, 1e9))).toEqual(['p1', 'p2'])
  })

  it('drops the oldest beyond the size, but never the one that is written to', () => {
    const all = [day(7, 400), day(8, 400), day(9, 400)]
    expect(names(partitionsToDrop(all, 9.5 * DAY, 100 * DAY, 900))).toEqual(['p7'])
    expect(names(partitionsToDrop(all, 9.5 * DAY, 100 * DAY, 10))).toEqual(['p7', 'p8'])
  })

  it('names partitions by day and by hour, in UTC', () => {
    const at = Date.UTC(2026, 10, 21, 9)
    expect(partitionName('comparisons', at)).toBe('comparisons_p20261121')
    expect(partitionName('settled_pairs', at)).toBe('settled_pairs_p2026112109')
  })
})
