// The whole procedure on drawn traffic: one endpoint, a look every 100 pairs, the control along with the first 250
// requests and every twentieth after them at random.
import { judge } from '../../collector/core/verdict/judge.ts'
import type { VerdictState } from '../../collector/core/verdict/verdict.ts'
import type { VerdictPolicy } from '../../plugin-config/verdict-policy.ts'
import { createTally, idOf, routeEvidence } from './verdict-evidence.ts'

/** How often one unit differs by noise (shadow and control alike), and how often the shadow differs in it besides. */
export type SimulatedUnit = { key: string; noise: number; extra: number }

export type Simulation = {
  units: readonly SimulatedUnit[]
  pairs: number
  lookEvery: number
  /** Whether there is a control, and with how many of the first requests it goes along. */
  control?: boolean
  learnOn?: number
}

export type Course = {
  /** Pairs at the first look that said so; undefined where none did. */
  failedAt: number | undefined
  passedAt: number | undefined
  last: VerdictState
}

const CONTROL_SHARE = 0.05
const NOTHING: readonly string[] = []
const NO_FROZEN = new Map()

/** One run; stops at the first FAIL, for that is acted on. */
export function simulateCourse(simulation: Simulation, policy: VerdictPolicy, random: () => number): Course {
  const { units, pairs, lookEvery, control = true, learnOn = 250 } = simulation
  const tally = createTally('GET /a')
  const draw = (isShadow: boolean): readonly string[] => {
    let keys: string[] | undefined
    for (const { key, noise, extra } of units) {
      const differs = (noise > 0 && random() < noise) || (isShadow && extra > 0 && random() < extra)
      if (differs) keys = [...(keys ?? NOTHING), key]
    }
    return keys ?? NOTHING
  }
  const course: Course = { failedAt: undefined, passedAt: undefined, last: 'inconclusive' }
  for (let i = 1; i <= pairs; i += 1) {
    const hasControl = control && (i <= learnOn || random() < CONTROL_SHARE)
    tally.add({ id: ID[i] ?? idOf(i), shadow: draw(true), control: hasControl ? draw(false) : undefined })
    if (i % lookEvery !== 0) continue
    const kind = control ? 'shared' : 'none'
    course.last = judge(routeEvidence([tally.evidence()], { control: kind }), policy, NO_FROZEN).verdict
    if (course.last === 'pass') course.passedAt ??= i
    if (course.last === 'fail') {
      course.failedAt = i
      return course
    }
  }
  return course
}

/** Made once: runs differ in what they draw, not in their ids. */
const ID = Array.from({ length: 20_001 }, (_, i) => idOf(i))

export type Summary = { failed: number; everPassed: number; passed: number; medianFailedAt: number }

/** Parts of the runs that ever FAILed, that PASSed at some look, and that ended PASS; the median over all runs, a run without FAIL as endless. */
export function summarise(courses: readonly Course[]): Summary {
  const at = courses.map(({ failedAt }) => failedAt ?? Number.POSITIVE_INFINITY).sort((one, two) => one - two)
  return {
    failed: courses.filter(({ failedAt }) => failedAt !== undefined).length / courses.length,
    everPassed: courses.filter(({ passedAt }) => passedAt !== undefined).length / courses.length,
    passed: courses.filter(({ last }) => last === 'pass').length / courses.length,
    medianFailedAt: at[Math.floor(at.length / 2)] ?? Number.POSITIVE_INFINITY,
  }
}
