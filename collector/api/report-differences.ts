// What a report says of differences: by cause, by field, and how long both versions took.
import type { Causes, CauseTally } from '../core/cause/cause-tally.ts'
import { type RankedCause, rankCauses } from '../core/cause/rank-causes.ts'
import { distributionOf, percentilesOf } from '../core/latency-bucket.ts'
import type { ControlTally } from '../core/noise/control-tally.ts'
import { noiseOf } from '../core/noise/learned-noise.ts'
import { type NoiseUnit, unitKey } from '../core/noise/noise-unit.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { RouteLatency } from '../store/cause-read-model.ts'
import type { EndpointCounts, RouteCounts } from '../store/report-read-model.ts'
import type { Latency } from './latency-schemas.ts'
import type * as said from './schemas.ts'

/** Causes and fields that a report shows. */
const shownLimits = { causes: 100, fields: 200 } as const

type Found = { byVariant: ReadonlyMap<string, Causes>; control: ControlTally; counts: Pick<RouteCounts, 'endpoints'> }

/** Those that touch most pairs first, each shadow's by itself; noise only where it is asked for. */
export function causesView({ byVariant, control, counts }: Found, includeNoise: boolean): said.Report['causes'] {
  const ranked = [...byVariant].flatMap(([variant, causes]) =>
    rankCauses(causes, {
      pairs: pairsOf(counts.endpoints, (one) => one === variant),
      control,
      includeNoise,
      limit: shownLimits.causes,
    }).map((cause) => causeView(cause, variant)),
  )
  return ranked.sort((one, two) => two.count - one.count).slice(0, shownLimits.causes)
}

function causeView(ranked: RankedCause, variant: string): said.Report['causes'][number] {
  const { cause, count, rate, controlRate, noise, firstSeenMs, lastSeenMs, samples } = ranked
  return {
    id: cause.id,
    variant,
    endpoint: cause.endpoint,
    path: cause.path,
    kind: cause.kind,
    valueClass: cause.valueClass,
    count,
    rate: rate ?? 0,
    controlRate,
    firstSeen: new Date(firstSeenMs).toISOString(),
    lastSeen: new Date(lastSeenMs).toISOString(),
    samples: samples.map(({ exchangeId }) => `${exchangeId}:${variant}`),
    noise: noise !== '',
    rule: noise === '' ? null : noise,
  }
}

/** Each unit in which the shadows or the control differed from the primary, with how often on either side. */
export function fieldsView({ byVariant, control, counts }: Found): said.Report['fields'] {
  const shadowPairs = pairsOf(counts.endpoints, (variant) => variant !== CONTROL_VARIANT)
  const learned = noiseOf(control)
  const units = new Map<string, { unit: NoiseUnit; shadow: number; isNoise: boolean }>()
  for (const tally of [...byVariant.values()].flatMap(({ byId }) => [...byId.values()])) addCause(units, tally)
  for (const [key, { unit }] of control.units) {
    if (!units.has(key)) units.set(key, { unit, shadow: 0, isNoise: true })
  }
  const fields = [...units].map(([key, { unit, shadow, isNoise }]) => {
    const pairs = shadowPairs.get(unit.endpoint) ?? 0
    const controlPairs = control.pairs.get(unit.endpoint) ?? 0
    const seen = control.units.get(key)?.pairs ?? 0
    return {
      ...unit,
      shadowRate: pairs === 0 ? 0 : Math.min(1, shadow / pairs),
      controlRate: controlPairs === 0 ? null : Math.min(1, seen / controlPairs),
      shadowPairs: pairs,
      controlPairs,
      noise: isNoise || learned.isNoisy(unit),
    }
  })
  return fields.sort((one, two) => two.shadowRate - one.shadowRate).slice(0, shownLimits.fields)
}

function addCause(
  units: Map<string, { unit: NoiseUnit; shadow: number; isNoise: boolean }>,
  { cause: { endpoint, path, kind, noise }, pairs }: CauseTally,
): void {
  const unit = { endpoint, path, kind }
  const key = unitKey(unit)
  const known = units.get(key) ?? { unit, shadow: 0, isNoise: true }
  // Causes at one place differ in what the value is; a pair shows one of them, nearly always.
  units.set(key, { unit, shadow: known.shadow + pairs, isNoise: known.isNoise && noise !== '' })
}

export function latencyView(latencies: readonly RouteLatency[]): Latency {
  const of = (isWanted: (one: RouteLatency) => boolean) => {
    const sum = new Map<number, number>()
    for (const { histogram } of latencies.filter(isWanted)) {
      for (const [bucket, pairs] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + pairs)
    }
    return sum
  }
  const variants = new Set(latencies.map(({ variant }) => variant).filter((variant) => variant !== CONTROL_VARIANT))
  const primary = of(({ side, variant }) => side === 'primary' && variant !== CONTROL_VARIANT)
  const shadow = of(({ side, variant }) => side === 'other' && variant !== CONTROL_VARIANT)
  const control = of(({ side, variant }) => side === 'other' && variant === CONTROL_VARIANT)
  return {
    primary: percentilesOf(primary),
    shadow: percentilesOf(shadow),
    control: percentilesOf(control),
    shadows: [...variants].sort().map((variant) => ({
      variant,
      latency: percentilesOf(of((one) => one.side === 'other' && one.variant === variant)),
    })),
    distribution: distributionOf([primary, control, shadow]).map(
      ({ upToMs, parts: [one = 0, two = 0, three = 0] }) => ({
        upToMs,
        primary: one,
        control: two,
        shadow: three,
      }),
    ),
  }
}

function pairsOf(endpoints: readonly EndpointCounts[], isOf: (variant: string) => boolean): Map<string, number> {
  const pairs = new Map<string, number>()
  for (const one of endpoints) {
    if (isOf(one.variant)) pairs.set(one.endpoint, (pairs.get(one.endpoint) ?? 0) + one.pairs)
  }
  return pairs
}
