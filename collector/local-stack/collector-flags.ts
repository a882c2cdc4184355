// Flags and environment for the collector's own process, the same natively and in tests; the Dockerfile has its own.
import { join } from 'node:path'

/**
 * A small young generation keeps it within its memory budget: 500 pairs/s of 10 KiB take 390 MiB with V8's default and
 * 255 MiB with this. The old generation is not limited on purpose: V8 then takes the buffers of Kafka and PostgreSQL
 * for memory pressure and collects everything twenty times as often (measured: 116 → 300 µs CPU a pair).
 */
export const collectorNodeFlags: readonly string[] = ['--max-semi-space-size=8']

/**
 * Where Node keeps files without their types, compiled: taking the types out takes 16 MiB of every thread that does it,
 * for as long as it lives. `cache` is the folder of fetched parts.
 */
export function collectorNodeEnv(cache: string): { NODE_COMPILE_CACHE: string } {
  return { NODE_COMPILE_CACHE: join(cache, 'compiled') }
}
