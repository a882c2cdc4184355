import { setTimeout as delay } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EndpointVerdictView, VerdictView } from '../api/verdict-schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import { type Output, toneOf } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

type Flags = { variant?: string; watch?: true; failOn: string[] }

const WATCH_EVERY_MS = 2_000
const failable = ['fail', 'inconclusive', 'pass']

export function addVerdictCommand(program: Command, open: OpenSession): void {
  program
    .command('verdict <route>')
    .description('whether the shadow is the same, how sure that is, and what is missing')
    .addHelpText(
      'before',
      `Examples:
  understudy verdict ticketing
  understudy verdict ticketing --watch                        follows it until it is pass, fail or invalid
  understudy verdict ticketing --fail-on fail,inconclusive    for pipelines: exit code 3 where it is one of these
`,
    )
    .addOption(new Option('--variant <name>', "a shadow's name; the route's first one by default"))
    .addOption(new Option('--watch', 'ask again until it is decided'))
    .addOption(
      new Option('--fail-on <verdicts>', 'exit with 3 on these; on invalid always').argParser(failOn).default([]),
    )
    .action(async (route: string, flags: Flags, command: Command) => {
      const { api, out, wantsJson, signal } = open(command)
      const address = `/api/v1/routes/${encodeURIComponent(route)}/verdict`
      let told = ''
      for (;;) {
        const verdict = await api.get<VerdictView>(address, { variant: flags.variant })
        const isLast = !flags.watch || verdict.verdict !== 'inconclusive'
        if (isLast) {
          if (wantsJson) out.json(verdict)
          else for (const line of verdictLines(verdict, out)) out.line(line)
          if (verdict.verdict === 'invalid' || flags.failOn.includes(verdict.verdict))
            throw new CliError(`the verdict is ${verdict.verdict}`, exitCodes.notPassed)
          return
        }
        const now = `${verdict.verdict}: ${safeLine(verdict.reason)}`
        if (now !== told) out.note(now)
        told = now
        await delay(WATCH_EVERY_MS, undefined, { signal }).catch(() => {
          throw new CliError(`stopped while the verdict was ${verdict.verdict}`)
        })
      }
    })
}

function failOn(text: string): string[] {
  const words = text.split(',').map((word) => word.trim())
  const odd = words.find((word) => !failable.includes(word) && word !== 'invalid')
  if (odd !== undefined) throw new InvalidArgumentError(`expected fail, inconclusive or both: fail,inconclusive`)
  return words
}

function verdictLines(verdict: VerdictView, out: Output): string[] {
  const { endpoints, unverified, missing, missingSeconds, generation, generationReason } = verdict
  const lines = [`${out.tone(toneOf(verdict.verdict), verdict.verdict.toUpperCase())}  ${safeLine(verdict.reason)}`]
  if (verdict.verdict === 'inconclusive' && missing > 0)
    lines.push(
      `missing to ${verdict.missingFor}: ${missing} requests${missingSeconds === null ? '' : `, ${duration(missingSeconds)}`}`,
    )
  lines.push(out.tone('quiet', `evidence ${generation}: ${safeLine(generationReason)}, ${verdict.generationBegan}`))
  if (endpoints.length > 0) {
    const rows = endpoints.map((one) => [
      one.verdict,
      ...[one.n, percent(one.rate, one.rateInterval), controlText(one), short(one.eValue), missingText(one)].map(
        String,
      ),
      safeLine(one.endpoint),
    ])
    const [head = '', ...body] = table([
      ['verdict', 'n', 'differing', 'control', 'e-value', 'missing', 'endpoint'],
      ...rows,
    ])
    lines.push('', out.tone('quiet', head))
    for (const [index, line] of body.entries()) {
      const of = endpoints[index]
      lines.push(of ? `${out.tone(toneOf(of.verdict), line.slice(0, 12))}${line.slice(12)}` : line)
    }
    if (verdict.endpointsCut) lines.push(out.tone('quiet', '… and more endpoints'))
    lines.push('')
    for (const one of endpoints.filter(isWorthALook)) {
      lines.push(safeLine(one.reason))
      for (const id of one.samples) lines.push(out.tone('quiet', `  understudy comparisons show ${safeLine(id)}`))
    }
  }
  if (unverified.length > 0) lines.push(`unverified: ${unverified.slice(0, 20).map(safeLine).join(', ')}`)
  return lines
}

/** What failed, what is likely to, and what stands out among many endpoints. */
function isWorthALook({ verdict, missingFor, reported }: EndpointVerdictView): boolean {
  return verdict === 'fail' || verdict === 'invalid' || missingFor === 'fail' || reported
}

function controlText({ controlN, controlRate, controlInterval }: EndpointVerdictView): string {
  return controlN === 0 ? '-' : `${percent(controlRate, controlInterval)} of ${controlN}`
}

function missingText({ missing, missingFor, missingSeconds }: EndpointVerdictView): string {
  if (missing === null || missing === 0) return ''
  return `${missing} to ${missingFor}${missingSeconds === null ? '' : ` (${duration(missingSeconds)})`}`
}

function percent(rate: number, [low = 0, high = 1]: readonly number[]): string {
  const text = (value: number) => (value * 100).toFixed(value < 0.1 ? 2 : 1)
  return `${text(rate)} % [${text(low)}, ${text(high)}]`
}

function short(value: number): string {
  return value >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}
