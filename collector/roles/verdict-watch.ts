// Looks at every verdict again and again: notes each change with an event, sets the metric, and starts the evidence anew
// when the version of a side changes. Any number of processes may: what is noted is noted once.
import type { Route } from '../../plugin-config/route.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { LatencySettings } from '../core/verdict/latency.ts'
import type { VerdictState } from '../core/verdict/verdict.ts'
import { messageOf } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'
import { freezeWarm } from '../pipeline/freeze-warm.ts'
import type { EvidenceStore, Versions } from '../store/evidence-store.ts'
import type { VerdictChangeStore } from '../store/verdict-change-store.ts'
import type { CurrentGeneration, VerdictReadModel } from '../store/verdict-read-model.ts'
import type { Verdicts } from './verdicts.ts'

type Options = {
  verdicts: Verdicts
  reads: VerdictReadModel
  evidence: EvidenceStore
  changes: VerdictChangeStore
  routes: () => readonly Route[]
  latencyOf: (route: string) => LatencySettings | undefined
  /** Told at each look: the control's generation by route, where it is not the first. */
  looked: (generations: Record<string, string>) => void
  noted: (route: string, variant: string, verdict: VerdictState, isNew: boolean) => void
  log: Log
  now: () => number
}

/** As the metric tells them. */
export const verdictNumbers = { pass: 1, inconclusive: 0, fail: -1, invalid: -2 } as const

const LEAST_PAUSE_MS = 3_000
/** Where the last look found all as it was: nothing comes, and only time changes a verdict. */
const QUIET_PAUSE_MS = 12_000
/** What is told to have changed may still be on its way into the database. */
const SOON_MS = 1_000
/** A look takes at most a tenth of the time. */
const PAUSE_FACTOR = 9

export type VerdictWatch = {
  /** Something may have changed: looks soon, though not before the least pause has passed. */
  look(): void
  close(): Promise<void>
}

export function startVerdictWatch(options: Options): VerdictWatch {
  const { verdicts, reads, evidence, changes, now, log } = options
  const mayLog = createRateLimit(30_000, now)
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> | undefined
  let seen = ''
  /** When the next look is, and when it may be at the earliest, by `performance.now()`. */
  let dueAt = 0
  let mayAt = 0

  /** The writers freeze too, while pairs come; this is for when none come any more. */
  const freeze = async (route: string, variant: string) => {
    const settings = options.latencyOf(route)
    const of = (await reads.current(route)).find((one) => one.variant === variant)
    if (settings !== undefined && of !== undefined) await freezeWarm(evidence, of, settings)
  }

  /** True where a verdict, or what it was made of, is another than at the last look. */
  const look = async (): Promise<boolean> => {
    const found: unknown[] = []
    for (const route of options.routes()) if (!isClosed) await followVersions(route, options)
    options.looked(await reads.controlGenerations())
    for (const { route, variant } of await reads.judged()) {
      if (isClosed) return false
      await freeze(route, variant)
      const verdict = await verdicts.verdict(route, variant, { withSamples: false })
      if (verdict === undefined) continue
      const counted = verdict.endpoints.reduce((sum, { n, controlN }) => sum + n + controlN, 0)
      found.push([route, variant, verdict.generation.generation, verdict.verdict, counted])
      const isNew = await changes.note({
        ...{ at: new Date(now()).toISOString(), route, variant, verdict: verdict.verdict, reason: verdict.sentence },
        generation: verdict.generation.generation,
      })
      options.noted(route, variant, verdict.verdict, isNew)
      if (isNew) log.info({ route, variant, verdict: verdict.verdict, reason: verdict.sentence }, 'verdict')
    }
    const key = JSON.stringify(found)
    const isChanged = key !== seen
    seen = key
    return isChanged
  }

  const next = (atMs: number) => {
    clearTimeout(timer)
    dueAt = atMs
    timer = isClosed ? undefined : setTimeout(lookAndGoOn, atMs - performance.now())
  }

  const lookAndGoOn = () => {
    timer = undefined
    const started = performance.now()
    turn = look()
      .catch((error: unknown) => {
        const { pass, heldBack } = mayLog('look')
        if (pass) log.warn({ error: messageOf(error), heldBack }, 'verdicts are looked at again later')
        return true
      })
      .then((isChanged) => {
        const ended = performance.now()
        mayAt = ended + Math.max(LEAST_PAUSE_MS, PAUSE_FACTOR * (ended - started))
        next(isChanged ? mayAt : Math.max(mayAt, ended + QUIET_PAUSE_MS))
      })
  }
  next(performance.now() + LEAST_PAUSE_MS)

  return {
    look() {
      const soonAt = Math.max(mayAt, performance.now() + SOON_MS)
      // Under load it is told again and again: what is due sooner stays due.
      if (timer !== undefined && soonAt < dueAt) next(soonAt)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      await turn
    },
  }
}

/** A new version of the primary starts everything anew, one of a shadow its own counts. */
async function followVersions(route: Route, { reads, evidence, verdicts }: Options): Promise<void> {
  const current = await reads.current(route.name)
  const wanted = (variant: string) => verdicts.versions(route.name, variant) ?? {}
  const moved = current.flatMap((of) => changeOf(of, wanted(of.variant)))
  const primary = moved.find(({ side }) => side === 'primary')
  if (primary) {
    await verdicts.begin(route.name, { reason: primary.reason, actor: 'understudy' })
    return
  }
  for (const { of, reason } of moved)
    await verdicts.begin(route.name, { variant: of.variant, reason, actor: 'understudy' })
  for (const of of current) {
    const versions = wanted(of.variant)
    const isKnown = Object.entries(versions).every(([side, version]) => of.versions[side as keyof Versions] === version)
    if (!isKnown && !moved.some((one) => one.of === of)) await evidence.adopt(of, versions)
  }
}

type Move = { of: CurrentGeneration; side: 'primary' | 'shadow'; reason: string }

/** What was not known before is adopted, not a change. */
function changeOf(of: CurrentGeneration, wanted: Versions): Move[] {
  return (['primary', 'shadow'] as const).flatMap((side) => {
    const [before, after] = [of.versions[side], wanted[side]]
    if (before === undefined || after === undefined || before === after) return []
    if (side === 'shadow' && of.variant === CONTROL_VARIANT) return []
    const name = side === 'primary' ? 'the primary' : of.variant
    return [{ of, side, reason: `${name} went from ${before} to ${after}` }]
  })
}
