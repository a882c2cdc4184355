// Which pairs are shown for a cause: varied and recent. Each cause has a few slots, a difference's own values choose one,
// the newest pair of each slot stays. So a value that comes seldom keeps its sample however often the others come, and
// any two sets of samples merge slot by slot.
import type { Difference } from '../comparison.ts'

export type Sample = { exchangeId: string; atMs: number; difference: Difference }

export const SAMPLE_SLOTS = 5

/** By place and values, so that differences that look alike share a slot. */
export function slotOf({ path, primary, shadow }: Difference): number {
  const text = `${path}\n${shortOf(primary)}\n${shortOf(shadow)}`
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 8) % SAMPLE_SLOTS
}

const MAX_HASHED_CHARS = 200

function shortOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.slice(0, MAX_HASHED_CHARS)
}
