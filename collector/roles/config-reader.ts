// What Traefiks fetch, read from the database; while that is away, what was read last.
import type { FetchedConfig, ReadConfigs } from '../ingest/traefik-config.ts'
import { SERVED_CONFIGS_KEY } from '../rollout/served-configs.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'

export function createConfigReader(states: Pick<ControlStateStore, 'read'>): ReadConfigs {
  let at: string | undefined
  let known: ReadonlyMap<string, FetchedConfig> | undefined
  return async () => {
    try {
      const fresh = await states.read(SERVED_CONFIGS_KEY, at)
      if (fresh) {
        at = fresh.at
        known = new Map(Object.entries(fresh.body as Record<string, FetchedConfig>))
      }
      return known ?? new Map()
    } catch (error) {
      if (known) return known
      throw error
    }
  }
}
