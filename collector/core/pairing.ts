// Joins the sides of one exchange. One instance per partition: all sides of an exchange share its key.
// In: tap records in log order. Out: effects; whoever calls carries them out.
import type { UnpairedReason } from './comparison.ts'
import { CONTROL_VARIANT, type Side, type TapRecord } from './tap-record.ts'
import type { OpenOffset } from './watermark.ts'

/** A record with its place in the log; `bytes` is what it weighs against the bound. */
export type Held = { record: TapRecord; place: OpenOffset; bytes: number }

/** All that one exchange still holds in the log; its places are passed when every pair of it is durable. */
export type Exchange = {
  readonly id: string
  firstSeenMs: number
  primary: Held | undefined
  others: readonly Held[]
  /** Variants that the primary announced and that were not paired yet. */
  awaited: readonly string[]
  places: readonly OpenOffset[]
  bytes: number
  /** Effects of this exchange that are not durable yet; kept by the caller. */
  unsettled: number
  ended: boolean
}

export type PairingEffect =
  | { type: 'pair'; exchange: Exchange; variant: string; primary: TapRecord; other: TapRecord; waitedMs: number }
  | { type: 'unpaired'; exchange: Exchange; variant: string; side: Side; reason: UnpairedReason; record: TapRecord }
  | { type: 'dropped'; exchange: Exchange; variant: string; reason: 'pending-full'; record: TapRecord }
  | { type: 'ignored'; reason: 'duplicate' | 'unexpected' }
  /** Nothing more comes of this exchange: when `unsettled` is 0 its places may be passed. */
  | { type: 'ended'; exchange: Exchange }

export type Pairing = {
  accept(held: Held, nowMs: number, out: PairingEffect[]): void
  /** Settles what has waited `windowMs`. */
  expire(nowMs: number, out: PairingEffect[]): void
  /** Settles the oldest exchanges until at most `count` and `bytes` are held. */
  shrink(count: number, bytes: number, out: PairingEffect[]): void
  /** The exchange while it waits. */
  look(id: string): Readonly<Exchange> | undefined
  size(): number
  bytes(): number
}

// Lists of an exchange are replaced, not grown: a list that grows keeps room for sixteen more.
const NO_OTHERS: readonly Held[] = []
const NO_VARIANTS: readonly string[] = []
const NO_PLACES: readonly OpenOffset[] = []

export function createPairing(options: { windowMs: number }): Pairing {
  const waiting = new Map<string, Exchange>()
  let heldBytes = 0

  const begin = (id: string, nowMs: number): Exchange => {
    const exchange: Exchange = {
      id,
      firstSeenMs: nowMs,
      primary: undefined,
      others: NO_OTHERS,
      awaited: NO_VARIANTS,
      places: NO_PLACES,
      bytes: 0,
      unsettled: 0,
      ended: false,
    }
    waiting.set(id, exchange)
    return exchange
  }

  const end = (exchange: Exchange, out: PairingEffect[]) => {
    waiting.delete(exchange.id)
    heldBytes -= exchange.bytes
    exchange.ended = true
    out.push({ type: 'ended', exchange })
  }

  const join = (exchange: Exchange, primary: Held, other: Held, nowMs: number, out: PairingEffect[]) => {
    const variant = variantOf(other.record)
    const at = exchange.awaited.indexOf(variant)
    if (at < 0) {
      const wasAnnounced = primary.record.expects.includes(variant)
      out.push({ type: 'ignored', reason: wasAnnounced ? 'duplicate' : 'unexpected' })
      return
    }
    exchange.awaited = exchange.awaited.length === 1 ? NO_VARIANTS : exchange.awaited.toSpliced(at, 1)
    exchange.unsettled += 1
    out.push({
      type: 'pair',
      exchange,
      variant,
      primary: primary.record,
      other: other.record,
      waitedMs: nowMs - exchange.firstSeenMs,
    })
  }

  const giveUp = (exchange: Exchange, full: boolean, out: PairingEffect[]) => {
    const { primary } = exchange
    if (primary) {
      for (const variant of exchange.awaited) {
        exchange.unsettled += 1
        const side = variant === CONTROL_VARIANT ? 'control' : 'shadow'
        if (full) out.push({ type: 'dropped', exchange, variant, reason: 'pending-full', record: primary.record })
        else
          out.push({
            type: 'unpaired',
            exchange,
            variant,
            side,
            reason: missing(side, primary.record),
            record: primary.record,
          })
      }
    } else {
      for (const other of exchange.others) {
        exchange.unsettled += 1
        out.push({
          type: 'unpaired',
          exchange,
          variant: variantOf(other.record),
          side: 'primary',
          reason: 'no-primary',
          record: other.record,
        })
      }
    }
    end(exchange, out)
  }

  return {
    accept(held, nowMs, out) {
      const { record } = held
      const exchange = waiting.get(record.id) ?? begin(record.id, nowMs)
      exchange.places = [...exchange.places, held.place]
      if (record.side === 'primary' ? exchange.primary : sameSide(exchange.others, record)) {
        out.push({ type: 'ignored', reason: 'duplicate' })
        return
      }
      exchange.bytes += held.bytes
      heldBytes += held.bytes
      if (record.side === 'primary') {
        exchange.primary = held
        exchange.awaited = record.expects.length < 2 ? record.expects : [...new Set(record.expects)]
        for (const other of exchange.others) join(exchange, held, other, nowMs, out)
        exchange.others = NO_OTHERS
      } else if (exchange.primary) join(exchange, exchange.primary, held, nowMs, out)
      else exchange.others = [...exchange.others, held]
      if (exchange.primary && exchange.awaited.length === 0) end(exchange, out)
    },
    expire(nowMs, out) {
      for (const exchange of waiting.values()) {
        if (nowMs - exchange.firstSeenMs < options.windowMs) break
        giveUp(exchange, false, out)
      }
    },
    shrink(count, bytes, out) {
      for (const exchange of waiting.values()) {
        if (waiting.size <= count && heldBytes <= bytes) break
        giveUp(exchange, true, out)
      }
    },
    look: (id) => waiting.get(id),
    size: () => waiting.size,
    bytes: () => heldBytes,
  }
}

function variantOf(record: TapRecord): string {
  return record.side === 'control' ? CONTROL_VARIANT : record.variant
}

function sameSide(others: readonly Held[], record: TapRecord): boolean {
  return others.some((other) => variantOf(other.record) === variantOf(record))
}

function missing(side: 'shadow' | 'control', primary: TapRecord): UnpairedReason {
  if (primary.clientEnded) return 'client-ended'
  return side === 'control' ? 'no-control' : 'no-shadow'
}
