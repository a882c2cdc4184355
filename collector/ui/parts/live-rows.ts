// The rows of the live page: what is shown, what waits to be shown, and what was too much. Pure.
import type { ComparisonSummary } from '../api/types.ts'

export type LiveRows = { shown: ComparisonSummary[]; waiting: ComparisonSummary[]; missed: number }

export const emptyLive: LiveRows = { shown: [], waiting: [], missed: 0 }
export const liveLimit = 300

/** `hold`: the reader has paused or scrolled away, so nothing may move. Newest first; the oldest fall off and are counted. */
export function addLive(
  before: LiveRows,
  batch: { items: ComparisonSummary[]; missed: number },
  hold: boolean,
): LiveRows {
  const known = new Set([...before.shown, ...before.waiting].map((item) => item.id))
  const fresh = batch.items.filter((item) => !known.has(item.id)).reverse()
  const missed = before.missed + batch.missed
  if (!hold) return { shown: [...fresh, ...before.waiting, ...before.shown].slice(0, liveLimit), waiting: [], missed }
  const waiting = [...fresh, ...before.waiting]
  return {
    shown: before.shown,
    waiting: waiting.slice(0, liveLimit),
    missed: missed + Math.max(0, waiting.length - liveLimit),
  }
}

export function showWaiting(before: LiveRows): LiveRows {
  return { ...before, shown: [...before.waiting, ...before.shown].slice(0, liveLimit), waiting: [] }
}
