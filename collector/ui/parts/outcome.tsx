// Outcomes, verdicts, kinds of differences and states: each a sign and a word, never a colour alone.
import type { Difference, Outcome, Route, Status, VerdictName } from '../api/types.ts'

const outcomeSigns: Record<Outcome, string> = { match: '=', different: '≠', noise: '≈', incomplete: '…' }

export function OutcomeText({ outcome }: { outcome: Outcome }) {
  return (
    <span className={`u-outcome u-${outcome}`}>
      <span aria-hidden="true">{outcomeSigns[outcome]} </span>
      {outcome}
    </span>
  )
}

const kindSigns: Record<Difference['kind'], string> = {
  changed: '~',
  type: '~',
  reordered: '~',
  added: '+',
  removed: '−',
}
const kindClasses: Record<string, string> = { '+': 'u-match', '−': 'u-different', '~': 'u-incomplete' }

export function KindSign({ kind }: { kind: Difference['kind'] }) {
  const sign = kindSigns[kind]
  return (
    <>
      <span className={`u-sign ${kindClasses[sign]}`} aria-hidden="true">
        {sign}
      </span>
      <span className={kindClasses[sign]}>{kind === 'type' ? 'other type' : kind}</span>
    </>
  )
}

const verdicts: Record<VerdictName, { sign: string; className: string }> = {
  pass: { sign: '✓', className: 'u-match' },
  fail: { sign: '✗', className: 'u-different' },
  inconclusive: { sign: '?', className: 'u-incomplete' },
  invalid: { sign: '!', className: 'u-different' },
}

export function VerdictText({ verdict }: { verdict: VerdictName }) {
  const shown = verdicts[verdict] ?? verdicts.inconclusive
  return (
    <span className={`u-outcome ${shown.className}`}>
      <span aria-hidden="true">{shown.sign} </span>
      {verdict}
    </span>
  )
}

const states: Record<string, { sign: string; className: string }> = {
  applied: { sign: '●', className: 'u-match' },
  ok: { sign: '●', className: 'u-match' },
  waiting: { sign: '◐', className: 'u-incomplete' },
  pending: { sign: '◐', className: 'u-incomplete' },
  degraded: { sign: '◐', className: 'u-incomplete' },
  refused: { sign: '✗', className: 'u-different' },
  down: { sign: '✗', className: 'u-different' },
  off: { sign: '○', className: 'u-noise' },
}

export function StateText({ state, label }: { state: Route['state'] | Status['state']; label?: string }) {
  const shown = states[state] ?? { sign: '○', className: 'u-noise' }
  return (
    <span className={`u-outcome ${shown.className}`}>
      <span aria-hidden="true">{shown.sign} </span>
      {label ?? state}
    </span>
  )
}
