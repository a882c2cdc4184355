// Holds docker-compose.yaml, .env.example and the settings together; what Compose makes of the file is in tests/docker.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { settings } from '../collector/config.ts'
import { TAP_MODULE } from '../plugin-config/render-static.ts'
import { ROOT } from './helpers/source-files.ts'

type Service = {
  image: string
  ports?: string[]
  networks: string[]
  healthcheck?: { test?: string[] }
  environment?: Record<string, string>
  deploy: { resources: { limits: Record<string, string>; reservations: Record<string, string> } }
  profiles?: string[]
  logging: unknown
  read_only: boolean
  cap_drop: string[]
  user?: string
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const text = read('docker-compose.yaml')
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> }
const all = Object.entries(services)
const example = read('.env.example')

describe('docker-compose.yaml', () => {
  it('has the services that others name, and the demo beside them', () => {
    const names = ['traefik', 'collector', 'kafka', 'postgres', 'prometheus', 'grafana', 'docker-proxy']
    expect(
      all
        .filter(([, { profiles }]) => !profiles?.includes('demo'))
        .map(([name]) => name)
        .sort(),
    ).toEqual(names.sort())
  })

  it.each(all)('%s is pinned, watched, bounded and closed', (_name, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?\}?$/)
    expect(service.healthcheck?.test?.[0]).toBe('CMD')
    expect(Object.keys(service.deploy.resources.limits).sort()).toEqual(['cpus', 'memory'])
    expect(service.deploy.resources.reservations.memory).toMatch(/^\d+m$/)
    expect(service.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } })
    expect([service.read_only, service.cap_drop]).toEqual([true, ['ALL']])
  })

  it('publishes the proxy, and on loopback the two admin ports', () => {
    const published = all.flatMap(([name, { ports }]) =>
      (ports ?? []).map((port) => `${name} ${port.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')}`),
    )
    expect(published).toEqual([
      'traefik 80:80',
      'traefik 443:443',
      'collector 127.0.0.1:8081:8081',
      'grafana 127.0.0.1:3000:3000',
    ])
  })

  it('keeps all but the proxy and the demo away from the network of the services', () => {
    const there = all.filter(([, { networks }]) => networks.includes('edge')).map(([name]) => name)
    expect(there).toEqual(['traefik', 'ticketing', 'ticketing-shadow', 'demo-traffic'])
  })

  it('hands every setting to the collector', () => {
    const given = Object.keys(services.collector?.environment ?? {}).map((name) => name.replace(/_FILE$/, ''))
    const wanted = Object.values(settings).map(({ name }) => name.replace(/_FILE$/, ''))
    expect(wanted.filter((name) => !given.includes(name))).toEqual([])
  })

  it('has every variable in .env.example, with the default that holds without it', () => {
    const defaults = new Map([...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, fallback]) => [name, fallback]))
    const shown = new Map([...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
    expect(shown).toEqual(defaults)
  })
})

describe("Traefik's static configuration beside it", () => {
  const found = parse(read('traefik/traefik.compose.yaml'))

  it('exposes nothing by default, and reads the engine through the proxy alone', () => {
    expect(found.providers.docker).toEqual({
      endpoint: 'tcp://docker-proxy:2375',
      network: 'understudy',
      exposedByDefault: true,
      defaultRule: 'Host(`x.invalid`) && !Host(`x.invalid`)',
    })
  })

  it('loads the tap, and serves its API where no router goes by default', () => {
    expect(found.experimental.localPlugins.understudy.moduleName).toBe(TAP_MODULE)
    expect(found.entryPoints.traefik).toEqual({ address: ':8080', asDefault: false })
  })
})
