// What a thousand routes cost in Traefik's memory, and what is left of them after reloads.
import { type Dynamic, startTapTraefik } from '../helpers/tap-traefik.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench } from './bench.ts'

const ROUTES = 1_000
const RELOADS = 2
const MIB = 1024 * 1024

export const bench: Bench = {
  name: 'tap-routes',
  title: `Traefik's memory with ${ROUTES} mirrored routes, with and without taps`,
  async run(report) {
    const without = await memory(false)
    const through = await memory(true)
    const baseline = (value: number) => ({ name: 'the same mirroring without taps', value })
    report.figure({ name: 'after the start', value: through.first, unit: 'MiB', baseline: baseline(without.first) })
    report.figure({
      name: `after ${RELOADS} reloads`,
      value: through.last,
      unit: 'MiB',
      baseline: baseline(without.last),
    })
    report.method('resident set once Traefik serves the routes and has been given a moment; no requests')
  },
}

async function memory(isTapped: boolean): Promise<{ first: number; last: number }> {
  const traefik = await startTapTraefik({ dynamic: JSON.stringify(configuration(isTapped, 0)) })
  // Its list of routers comes in pages: one router that only this configuration has is asked for.
  const serves = (round: number) =>
    waitUntil(async () => (await fetch(`${traefik.apiUrl}/api/http/routers/round${round}@file`)).ok)
  try {
    await serves(0)
    const first = (await traefik.rssBytes()) / MIB
    for (let round = 1; round <= RELOADS; round++) {
      await traefik.apply(JSON.stringify(configuration(isTapped, round)))
      await serves(round)
    }
    return { first, last: (await traefik.rssBytes()) / MIB }
  } finally {
    await traefik.stop()
  }
}

function configuration(isTapped: boolean, round: number): Dynamic {
  const server = { loadBalancer: { servers: [{ url: 'http://127.0.0.1:9' }] } }
  const routers: Record<string, object> = { [`round${round}`]: { rule: 'Path(`/round`)', service: 'primary' } }
  const services: Record<string, object> = { primary: server, shadow: server }
  const middlewares: Record<string, object> = {}
  for (let route = 0; route < ROUTES; route++) {
    const tap = (extra: object) => ({ plugin: { understudy: { route: `route${route}`, ...extra } } })
    middlewares[`primary${route}`] = tap({ side: 'primary', expects: ['shadow'] })
    middlewares[`shadow${route}`] = tap({ side: 'shadow', variant: 'shadow' })
    const tapOn = (name: string) => (isTapped ? { middlewares: [`${name}${route}`] } : {})
    services[`leg${route}`] = { weighted: { services: [{ name: 'shadow' }] }, ...tapOn('shadow') }
    const mirrors = [{ name: `leg${route}`, percent: 100 }]
    services[`mirrored${route}`] = { mirroring: { service: 'primary', mirrors }, ...tapOn('primary') }
    routers[`route${route}`] = { rule: `PathPrefix(\`/route${route}/\`)`, service: `mirrored${route}` }
  }
  return { http: { routers, services, ...(isTapped ? { middlewares } : {}) } }
}
