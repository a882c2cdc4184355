// The configurations that Traefiks fetch by their HTTP provider, kept in the database: whatever process they ask has
// them, and a restart changes nothing.
import type { RenderedFile } from '../../plugin-config/rendered-file.ts'

export type ServedFile = Pick<RenderedFile, 'yaml' | 'revision' | 'config'>
export type ServedConfigs = {
  /** What Traefik `name` is to run. Throws what the database throws; Traefik keeps what it has then. */
  publish(name: string, file: ServedFile): Promise<void>
  current(name: string): Promise<ServedFile | undefined>
}

type States = {
  write(key: string, body: unknown): Promise<void>
  read(key: string): Promise<{ body: unknown } | undefined>
}

export const SERVED_CONFIGS_KEY = 'traefik-configs'

/** `names`: the Traefiks that are served now; others are forgotten at the first change. */
export function createServedConfigs(states: States, names: readonly string[]): ServedConfigs {
  let known: Map<string, ServedFile> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const all = async () => {
    if (known) return known
    const body = (await states.read(SERVED_CONFIGS_KEY))?.body as Record<string, ServedFile> | undefined
    known = new Map(Object.entries(body ?? {}).filter(([name]) => names.includes(name)))
    return known
  }

  return {
    publish(name, { yaml, revision, config }) {
      const result = turn.then(async () => {
        const next = new Map(await all()).set(name, { yaml, revision, config })
        await states.write(SERVED_CONFIGS_KEY, Object.fromEntries(next))
        known = next
      })
      turn = result.catch(() => undefined)
      return result
    },
    current: async (name) => (await all()).get(name),
  }
}
