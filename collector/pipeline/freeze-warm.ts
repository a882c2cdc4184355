import { freezeLatency, type LatencySettings } from '../core/verdict/latency.ts'
import type { EvidenceStore, Frozen, GenerationKey } from '../store/evidence-store.ts'

/** Freezes the parameters of endpoints that are warm by now; those of all come back. */
export async function freezeWarm(
  store: Pick<EvidenceStore, 'latencySamples' | 'freeze' | 'frozen'>,
  of: GenerationKey,
  settings: LatencySettings,
): Promise<Frozen> {
  const fresh: Frozen = {}
  for (const [endpoint, samples] of await store.latencySamples(of)) {
    const latency = freezeLatency(samples, settings)
    if (latency) fresh[endpoint] = { latency }
  }
  return Object.keys(fresh).length > 0 ? store.freeze(of, fresh) : store.frozen(of)
}
