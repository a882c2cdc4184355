// What the compare pool and its worker say to each other, and the memory they share.
import type { ArrayRule } from '../core/compare/array-rules.ts'
import type { Comparable, CompareLimits } from '../core/compare/comparable.ts'

/**
 * What the answers of a route hold: its descriptor set in shared memory, with an id of its content, and the type of
 * bodies that name no method.
 */
export type MessageSet = { id: string; bytes: Uint8Array; message?: string }

/**
 * One pair as it crosses to the worker: flat strings and header lists; `arrays` only where rules say, `messages` only
 * for gRPC and protobuf on a route that has a descriptor set, with the path that names the method.
 */
export type CompareJob = {
  primary: Comparable
  other: Comparable
  arrays?: readonly ArrayRule[]
  messages?: MessageSet & { uri: string }
}

export type WorkerSettings = { limits: CompareLimits; progress: SharedArrayBuffer }

/** Pool to worker. */
export type CompareBatch = { jobs: CompareJob[] }

/**
 * Worker to pool: results of consecutive pairs of the batch as JSON text (an array of `ComparisonResult`), which
 * crosses more cheaply than objects and cannot fail on their depth.
 */
export type CompareAnswer = { first: number; results: string }

/** Slots of the shared progress: what the worker is doing right now, readable while it is busy. */
export const PROGRESS_SLOTS = 3
/** Index of the pair in hand, counted within the batch; -1 before the first, the number of pairs after the last. */
export const PAIR_SLOT = 0
/** When it was taken in hand, by `monotonicMs`. */
export const SINCE_SLOT = 1
/** The thread's CPU time at that moment, by `cpuMs`. */
export const CPU_SLOT = 2

/** Milliseconds of CPU that `usage` (in microseconds, as Node gives it) stands for. */
export function cpuMs({ user, system }: { user: number; system: number }): number {
  return (user + system) / 1_000
}

/** Milliseconds of the process's own clock: the same in all its threads, and no clock change moves it. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
