import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { renderStaticConfig } from '../../plugin-config/render-static.ts'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoutesFile } from '../../plugin-config/routes-file.ts'
import type { BaseRouter, TapConfig, TraefikConfig } from '../../plugin-config/traefik-config.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'plugin-config/examples')
const HAND_WRITTEN = 'hand-written-dynamic.yaml'
const tap = { ingestUrl: 'http://127.0.0.1:8082/v1/taps', tokenFile: '/run/token', hmacKeyFile: '/run/key' }

const routerOf = (service: string): BaseRouter => ({
  name: service,
  rule: `Host(\`${service.split('@')[0]}.example\`)`,
  priority: 40,
  entryPoints: ['web'],
  service,
  status: 'enabled',
  middlewares: [],
})

describe('the examples', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== HAND_WRITTEN)

  it.each(files)('%s can be read and rendered', (name) => {
    const parsed = parseRoutesFile(readFileSync(join(folder, name), 'utf8'), name)
    expect(parsed).toMatchObject({ ok: true })
    const routes = parsed.ok ? parsed.routes : []
    const base = routes.flatMap(({ primary }) => ('service' in primary ? [routerOf(primary.service)] : []))
    const rendered = renderTraefik({ routes, base, tap })
    expect(rendered.routes.map(({ state }) => state)).toEqual(routes.map(() => 'applied'))
  })

  it('written by hand for Traefik uses the settings that the tap has, and nothing that is not there', () => {
    const { http }: TraefikConfig = parse(readFileSync(join(folder, HAND_WRITTEN), 'utf8'))
    const known = knownTapSettings()
    const taps = Object.values(http.middlewares).map((each) => ('plugin' in each ? each.plugin.understudy : undefined))
    expect(taps.flatMap((each) => Object.keys(each ?? {})).filter((key) => !known.includes(key))).toEqual([])
    const defined = [...Object.keys(http.services ?? {}), ...Object.keys(http.middlewares)]
    const used = [
      ...Object.values(http.routers ?? {}).flatMap(({ service }) => service ?? []),
      ...Object.values(http.services ?? {}).flatMap((service) =>
        'middlewares' in service ? (service.middlewares ?? []) : [],
      ),
    ]
    expect(used.filter((name) => !defined.includes(name))).toEqual([])
  })
})

describe("Traefik's static configuration", () => {
  it('in traefik/traefik.yaml is what the renderer writes', () => {
    expect(readFileSync(join(root, 'traefik/traefik.yaml'), 'utf8')).toBe(renderStaticConfig())
  })

  it('keeps the API off the entry points that take clients', () => {
    const parsed = parse(renderStaticConfig({ webAddress: ':80', apiAddress: '127.0.0.1:9000' }))
    expect(parsed.entryPoints).toEqual({
      web: { address: ':80', asDefault: true },
      traefik: { address: '127.0.0.1:9000', asDefault: false },
    })
  })
})

function knownTapSettings(): string[] {
  const parsed = parseRoutesFile(readFileSync(join(folder, 'two-servers.yaml'), 'utf8'), '')
  const { middlewares } = renderTraefik({ routes: parsed.ok ? parsed.routes : [], base: [], tap }).config.http
  const [config] = Object.values(middlewares).flatMap((each): TapConfig[] =>
    'plugin' in each ? [each.plugin.understudy] : [],
  )
  return Object.keys(config ?? {})
}
