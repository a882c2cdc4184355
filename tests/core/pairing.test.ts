import { describe, expect, it } from '@jest/globals'
import { createPairing, type Held, type PairingEffect } from '../../collector/core/pairing.ts'
import type { Side, TapRecord } from '../../collector/core/tap-record.ts'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

function held(side: Side, variant = '', expects: string[] = [], extra: Partial<TapRecord> = {}): Held {
  return {
    record: { id: ID, side, variant, expects, ...extra } as TapRecord,
    place: { offset: 0, done: false },
    bytes: 10,
  }
}

function run(steps: (pairing: ReturnType<typeof createPairing>, out: PairingEffect[]) => void) {
  const out: PairingEffect[] = []
  const pairing = createPairing({ windowMs: 100 })
  steps(pairing, out)
  return {
    out,
    pairing,
    types: out.map((effect) => ('reason' in effect ? `${effect.type}:${effect.reason}` : effect.type)),
  }
}

describe('pairing', () => {
  it('pairs two sides in order', () => {
    const { types, pairing } = run((p, out) => {
      p.accept(held('primary', '', ['shadow']), 0, out)
      p.accept(held('shadow', 'shadow'), 5, out)
    })
    expect(types).toEqual(['pair', 'ended'])
    expect(pairing.size()).toBe(0)
    expect(pairing.bytes()).toBe(0)
  })

  it('pairs two sides that arrive out of order', () => {
    const { out, types } = run((p, out) => {
      p.accept(held('shadow', 'shadow'), 0, out)
      p.accept(held('primary', '', ['shadow']), 7, out)
    })
    expect(types).toEqual(['pair', 'ended'])
    expect(out[0]).toMatchObject({ waitedMs: 7, variant: 'shadow' })
  })

  it('waits for every announced variant and for the control', () => {
    const { types, pairing } = run((p, out) => {
      p.accept(held('primary', '', ['a', 'b', 'control']), 0, out)
      p.accept(held('control', 'control'), 1, out)
      p.accept(held('shadow', 'b'), 1, out)
    })
    expect(types).toEqual(['pair', 'pair'])
    expect(pairing.look(ID)?.awaited).toEqual(['a'])
  })

  it('ends at once an exchange that expects nobody', () => {
    expect(run((p, out) => p.accept(held('primary'), 0, out)).types).toEqual(['ended'])
  })

  it('names the side that never came when the window has passed', () => {
    const expired = (h: Held) =>
      run((p, out) => {
        p.accept(h, 0, out)
        p.expire(99, out)
        p.expire(100, out)
      }).types
    expect(expired(held('primary', '', ['shadow']))).toEqual(['unpaired:no-shadow', 'ended'])
    expect(expired(held('primary', '', ['control']))).toEqual(['unpaired:no-control', 'ended'])
    expect(expired(held('shadow', 'shadow'))).toEqual(['unpaired:no-primary', 'ended'])
    expect(expired(held('primary', '', ['shadow'], { clientEnded: true }))).toEqual(['unpaired:client-ended', 'ended'])
  })

  it('ignores a repeated side and keeps its place for the exchange', () => {
    const { out, types } = run((p, out) => {
      p.accept(held('primary', '', ['shadow']), 0, out)
      p.accept(held('primary', '', ['shadow']), 0, out)
      p.accept(held('shadow', 'shadow'), 0, out)
    })
    expect(types).toEqual(['ignored:duplicate', 'pair', 'ended'])
    const ended = out.at(-1)
    expect(ended?.type === 'ended' && ended.exchange.places.length).toBe(3)
  })

  it('ignores a variant that the primary did not announce', () => {
    const { types } = run((p, out) => {
      p.accept(held('shadow', 'stranger'), 0, out)
      p.accept(held('primary', '', ['shadow']), 0, out)
    })
    expect(types).toEqual(['ignored:unexpected'])
  })

  it('drops the oldest, counted by pair, beyond its bounds', () => {
    const { types, pairing } = run((p, out) => {
      p.accept(held('primary', '', ['a', 'b']), 0, out)
      p.shrink(0, 1000, out)
    })
    expect(types).toEqual(['dropped:pending-full', 'dropped:pending-full', 'ended'])
    expect(pairing.bytes()).toBe(0)
  })
})
