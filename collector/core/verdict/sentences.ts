// A verdict in one sentence that a person understands.
import type { EndpointVerdict, RouteVerdict } from './verdict.ts'
import { listText, numberText, percentText } from './words.ts'

type ToldEndpoint = Pick<
  EndpointVerdict,
  'endpoint' | 'verdict' | 'n' | 'different' | 'tolerance' | 'noNoiseControl' | 'noisyUnits' | 'reasons'
>

/** One sentence a person understands. */
export function endpointSentence(told: ToldEndpoint): string {
  const { endpoint, verdict, reasons } = told
  const [first = ''] = reasons
  switch (verdict) {
    case 'invalid':
      return `${endpoint} cannot be judged: the counts contradict each other (${first})`
    case 'fail':
      return `${endpoint} fails: ${first}${more(reasons)}${control(told)}`
    case 'inconclusive':
      return `${endpoint} is undecided: ${soFar(told)}; ${first}${more(reasons)}${control(told)}`
    case 'pass':
      return `${endpoint} passes: ${soFar(told)}, shown to be below ${percentText(told.tolerance)}${spared(told)}${control(told)}`
  }
}

function soFar({ n, different }: ToldEndpoint): string {
  if (n === 0) return 'nothing compared yet'
  const answers = `${numberText(n)} ${n === 1 ? 'answer' : 'answers'}`
  if (different === 0) return `${answers} compared, none differs`
  return `${numberText(different)} of ${answers} ${n === 1 ? 'differs' : 'differ'} (${percentText(different / n)})`
}

function more(reasons: readonly string[]): string {
  return reasons.length > 1 ? `; ${reasons.slice(1, 3).join('; ')}${reasons.length > 3 ? '; …' : ''}` : ''
}

function spared({ noisyUnits }: ToldEndpoint): string {
  return noisyUnits.length === 0 ? '' : `; it does not speak for what is noisy: ${listText(noisyUnits, 3)}`
}

function control({ noNoiseControl }: ToldEndpoint): string {
  return noNoiseControl ? ' (no noise control)' : ''
}

type ToldRoute = Pick<
  RouteVerdict,
  'route' | 'variant' | 'verdict' | 'endpoints' | 'coverage' | 'coverageNeeded' | 'unverified' | 'reasons'
>

export function routeSentence(told: ToldRoute): string {
  const { route, variant, verdict, endpoints, reasons, unverified } = told
  const name = `${variant} of ${route}`
  const [first = ''] = reasons
  const named = (state: EndpointVerdict['verdict']) =>
    endpoints.filter((one) => one.verdict === state).map(({ endpoint }) => endpoint)
  const silent = unverified.length === 0 ? '' : `; unverified: ${listText(unverified, 3)}`
  switch (verdict) {
    case 'invalid':
      return `${name} cannot be judged: ${first}`
    case 'fail': {
      const failed = named('fail')
      return `${name} fails: ${failed.length > 0 ? `it differs on ${listText(failed, 3)}` : first}${silent}`
    }
    case 'inconclusive':
      return `${name} is undecided: ${first}${silent}`
    case 'pass':
      return `${name} passes: equal on endpoints with ${percentText(told.coverage)} of the requests${silent}`
  }
}
