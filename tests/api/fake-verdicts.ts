// Verdicts over counts that a test gives, judged by the real engine.
import type { VerdictParts } from '../../collector/api/verdict-operations.ts'
import { type EndpointEvidence, emptyEvidence } from '../../collector/core/verdict/evidence.ts'
import { judge } from '../../collector/core/verdict/judge.ts'
import { policyOf } from '../helpers/policy-of.ts'
import { routeEvidence } from '../helpers/verdict-evidence.ts'
import { baseMs } from './stored-rows.ts'

const at = new Date(baseMs).toISOString()

export function differing(endpoint: string, n: number, different: number): EndpointEvidence {
  const unit = { path: '/price', kind: 'changed' as const, firstSeen: '1', shadow: different, control: 0 }
  const sets = different === 0 ? [] : [{ units: ['changed /price'], pairs: different }]
  const units = different === 0 ? [] : [unit]
  const counts = { pairs: n, differing: different, controlPairs: Math.min(n, 250), units, sets }
  return { ...emptyEvidence(endpoint), firstSeen: endpoint, pairsPerSecond: 0.5, ...counts }
}

export function fakeVerdicts(
  endpoints: () => EndpointEvidence[] = () => [differing('GET /a', 600, 0), differing('GET /b', 300, 60)],
): VerdictParts {
  const policy = policyOf({ latency: { judged: false } })
  const variants = async (route: string) => (route === 'ticketing' ? ['shadow'] : [])
  return {
    variants,
    async verdict(route, variant) {
      const evidence = routeEvidence(endpoints(), { route, variant, knownEndpoints: ['GET /never'] })
      return {
        ...judge(evidence, policy, new Map()),
        generation: { generation: 2, beganAtMs: baseMs, reason: 'shadow went from 1 to 2', versions: { shadow: '2' } },
        alpha: { fail: 0.01, pass: 0.05 },
        samples: new Map([['GET /b', ['0190b5c8-0000-7000-8000-000000000001:shadow']]]),
        latency: { judged: false, mayFail: false },
        since: at,
      }
    },
    async begin(_route, { reason, variant }) {
      return [variant ?? 'shadow', 'control'].map((name) => ({
        ...{ variant: name, generation: 3, beganAtMs: baseMs, reason, versions: {} },
      }))
    },
    async history({ route }) {
      const of = { route, variant: 'shadow', generation: 2, reason: 'shadow of ticketing fails' }
      return [{ id: 7, at, verdict: 'fail' as const, ...of }]
    },
  }
}
