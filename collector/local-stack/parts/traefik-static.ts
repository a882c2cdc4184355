// Traefik's static configuration for the native stack: the project's own file with this run's ports and folders.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'

const PROJECT_FILE = resolve(import.meta.dirname, '../../../traefik/traefik.yaml')
const PLUGIN_MODULE = 'github.com/understudy-proxy/tap'

type Section = Record<string, unknown>

export type StaticOptions = {
  webPort: number
  apiPort: number
  dynamicDir: string
  pluginsDir: string | undefined
}

/** YAML. Only `web` takes routers that name no entry point, and the API answers on loopback alone. */
export async function staticConfiguration(options: StaticOptions, projectFile = PROJECT_FILE): Promise<string> {
  const base = existsSync(projectFile) ? section(parse(await readFile(projectFile, 'utf8'))) : {}
  const web = section(section(base.entryPoints).web)
  const rendered: Section = {
    log: { level: 'INFO' },
    ...base,
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    entryPoints: {
      web: { ...web, address: `:${options.webPort}`, asDefault: true },
      traefik: { address: `127.0.0.1:${options.apiPort}` },
    },
    api: { insecure: true, dashboard: true },
    ping: { entryPoint: 'traefik' },
    metrics: { prometheus: { ...section(section(base.metrics).prometheus), entryPoint: 'traefik' } },
    providers: {
      providersThrottleDuration: section(base.providers).providersThrottleDuration ?? '500ms',
      file: { directory: options.dynamicDir, watch: true },
    },
  }
  const hasPlugin =
    options.pluginsDir !== undefined && existsSync(join(options.pluginsDir, 'plugins-local', 'src', PLUGIN_MODULE))
  if (!hasPlugin) delete rendered.experimental
  else rendered.experimental ??= { localPlugins: { understudy: { moduleName: PLUGIN_MODULE } } }
  return stringify(rendered)
}

function section(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}
