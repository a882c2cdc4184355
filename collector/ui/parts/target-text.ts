import type { Target } from '../api/types.ts'
import { visible } from './format.ts'

/** Where a side's requests go, as the routes file writes it. */
export function targetText(target: Target | undefined): string {
  return visible(target?.service ?? target?.url ?? '–')
}
