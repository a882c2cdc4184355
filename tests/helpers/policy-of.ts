import { type ControlKind, parsePolicy, type VerdictPolicy } from '../../plugin-config/verdict-policy.ts'

/** A policy as a user writes it; `{}` for the defaults. Throws where it is refused. */
export function policyOf(written: object, control: ControlKind = 'shared'): VerdictPolicy {
  const read = parsePolicy(written, control)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.policy
}
