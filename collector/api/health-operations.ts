import { type Operation, operation } from './operation.ts'
import type { ApiParts, StatusReport } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as said from './schemas.ts'

type Parts = Pick<ApiParts, 'version' | 'startedAtMs' | 'status' | 'metricsText' | 'now' | 'stopping'>

/** Open addresses must cost little however often they are called: one look at the parts serves a second of callers. */
const statusAgeMs = 1000

export function healthOperations(parts: Parts): Operation[] {
  const status = remembered(() => parts.status(), statusAgeMs, parts.now)
  return [
    operation({
      id: 'getStatus',
      method: 'get',
      path: '/api/status',
      summary: 'Each part and how it is; details only with a token where one is set',
      tag: 'health',
      open: true,
      answer: said.Status,
      async handle({ hasRights }) {
        const { components } = await status()
        return {
          state: worst(components),
          version: parts.version,
          startedAt: new Date(parts.startedAtMs).toISOString(),
          now: new Date(parts.now()).toISOString(),
          components: hasRights ? components : components.map(({ name, state }) => ({ name, state })),
        } satisfies said.Status
      },
    }),
    operation({
      id: 'getHealth',
      method: 'get',
      path: '/healthz',
      summary: 'This process is alive; looks at no other part',
      tag: 'health',
      open: true,
      anyHost: true,
      answer: said.Health,
      handle: () => ({ status: 'ok' }),
    }),
    operation({
      id: 'getReadiness',
      method: 'get',
      path: '/readyz',
      summary: 'This process and every part it needs are ready; else 503, with the names of those that are not',
      tag: 'health',
      open: true,
      anyHost: true,
      answer: said.Ready,
      problems: ['unavailable'],
      async handle() {
        if (parts.stopping?.aborted) throw new HttpProblem('unavailable', 'this process is stopping')
        const { components } = await status()
        const failed = components.filter((part) => part.state === 'down' && part.required !== false)
        if (failed.length === 0) return { status: 'ready' }
        throw new HttpProblem('unavailable', `not ready: ${failed.map((part) => part.name).join(', ')}`, {
          errors: failed.map((part) => ({ pointer: `/components/${part.name}`, message: `${part.name} is down` })),
          headers: { 'Retry-After': '5' },
        })
      },
    }),
    operation({
      id: 'getMetrics',
      method: 'get',
      path: '/metrics',
      summary: "Prometheus' text format",
      tag: 'health',
      answer: 'text/plain; version=0.0.4; charset=utf-8',
      async handle({ response }) {
        response.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8').send(await parts.metricsText())
      },
    }),
    operation({
      id: 'getVersion',
      method: 'get',
      path: '/version',
      summary: 'Versions of Understudy and of Node.js',
      tag: 'health',
      answer: said.Version,
      handle: () => ({ version: parts.version, node: process.version }),
    }),
  ]
}

function worst(components: readonly { state: said.Status['state'] }[]): said.Status['state'] {
  const states = components.map((part) => part.state)
  return states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'ok'
}

function remembered(look: () => Promise<StatusReport>, ageMs: number, now: () => number): () => Promise<StatusReport> {
  let last: { at: number; report: Promise<StatusReport> } | undefined
  return () => {
    if (!last || now() - last.at >= ageMs || now() < last.at) {
      const report = look()
      last = { at: now(), report }
      report.catch(() => {
        if (last?.report === report) last = undefined
      })
    }
    return last.report
  }
}
