// Whether a real change is found among noise, over many seeds.
import { compareNoisyService, REAL_CHANGE } from '../core/noise/noisy-service.ts'
import type { Bench } from './bench.ts'

const SEEDS = 20

export const bench: Bench = {
  name: 'noise',
  title: 'A change in one field at 1 % of 4,000 requests, among ids, times, tokens, a counter and shuffled arrays',
  async run(report) {
    let found = 0
    let noisy = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      report.progress(`seed ${seed}`)
      const { causes } = compareNoisyService(seed)
      if (causes[0] === REAL_CHANGE) found += 1
      noisy += causes.filter((cause) => cause !== REAL_CHANGE).length
    }
    report.figure({ name: 'seeds with the change ranked first', value: found, unit: 'seeds', bar: { atLeast: SEEDS } })
    report.figure({ name: 'noisy fields reported, all seeds', value: noisy, unit: 'fields', bar: { atMost: 0 } })
    report.method(`${SEEDS} seeds; control on the first 250 requests, then on 5 %; no rule written by hand`)
  },
}
