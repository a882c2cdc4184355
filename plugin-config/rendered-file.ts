// The file that is written for Traefik: its text, its revision, and the same file without overlays.
import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import type { TraefikConfig } from './traefik-config.ts'
import { yamlText } from './yaml-text.ts'

export type FullHttp = Required<TraefikConfig['http']>

export type RenderedFile = {
  config: TraefikConfig
  yaml: string
  /** Changes with every change of the configuration, and is part of it: Traefik's API tells which one is loaded. */
  revision: string
}

/** A middleware that no router uses: it carries the revision, and keeps the file from ever being empty. */
export const REVISION_MIDDLEWARE = 'understudy-revision'
export const REVISION_HEADER = 'X-Understudy-Revision'

export function emptyHttp(): FullHttp {
  return { routers: {}, services: {}, middlewares: {}, serversTransports: {} }
}

export function toFile(http: FullHttp): RenderedFile {
  const revision = createHash('sha256').update(JSON.stringify(http)).digest('hex').slice(0, 16)
  const { middlewares, ...others } = http
  const filled = Object.entries(others).filter(([, objects]) => Object.keys(objects).length > 0)
  const marker = { headers: { customResponseHeaders: { [REVISION_HEADER]: revision } } }
  const config = {
    http: { ...Object.fromEntries(filled), middlewares: { ...middlewares, [REVISION_MIDDLEWARE]: marker } },
  }
  return { config, yaml: toYaml(config), revision }
}

/**
 * A rendered file without its overlays: what `renderTraefik` gives with `overlays: false`, made from the text alone, so
 * that it can be had when nothing else is at hand. A text that is no rendered file becomes a file without any router.
 */
export function withoutOverlays(text: string): RenderedFile {
  const http = emptyHttp()
  const rendered = readHttp(text)
  for (const [name, router] of Object.entries(rendered?.routers ?? {})) {
    const served = router.service ?? ''
    const service = rendered?.services?.[served]
    if (!name.endsWith('-plain') || !service) continue
    http.routers[name] = router
    http.services[served] = service
    const transport = 'loadBalancer' in service ? service.loadBalancer.serversTransport : undefined
    const settings = transport === undefined ? undefined : rendered?.serversTransports?.[transport]
    if (transport !== undefined && settings) http.serversTransports[transport] = settings
  }
  return toFile(http)
}

function readHttp(text: string): TraefikConfig['http'] | undefined {
  try {
    return (parse(text, { maxAliasCount: 0 }) as TraefikConfig | null)?.http
  } catch {
    return undefined
  }
}

const HEADER = ` Managed by Understudy: written whole at each change, so edits here are lost.
 To change what is mirrored, edit the routes (understudy.yaml, or \`npm run -s understudy -- routes\`).
 Your own dynamic configuration goes into files beside this one, which Understudy never touches.
 \`npm run -s understudy -- off\` takes every overlay away.`

function toYaml(config: TraefikConfig): string {
  const comment = HEADER.split('\n').map((line) => `#${line}\n`)
  return `${comment.join('')}\n${yamlText(config)}`
}
