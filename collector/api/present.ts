// From what is stored (or was just compared) to what the API says.
import { type Difference, LISTED_DIFFERENCES } from '../core/comparison.ts'
import type { PublishedComparison } from '../pipeline/published.ts'
import type { StoredUnpaired } from '../store/comparison-read-model.ts'
import type { StoredComparison, StoredSummary } from '../store/stored-comparison.ts'
import type * as Said from './schemas.ts'

export function comparisonSummary(stored: StoredSummary): Said.ComparisonSummary {
  const { primary, shadow } = stored
  return {
    ...common(stored),
    primary: { status: primary.status, latencyMs: primary.latencyMs, bodyBytes: primary.bodyBytes },
    shadow: { status: shadow.status, latencyMs: shadow.latencyMs, bodyBytes: shadow.bodyBytes },
  }
}

export function comparisonInFull(stored: StoredComparison): Said.Comparison {
  return { ...common(stored), requestHeaders: stored.requestHeaders, primary: stored.primary, shadow: stored.shadow }
}

/** A comparison that was just made, as lists show it. */
export function liveSummary(made: PublishedComparison): Said.ComparisonSummary {
  const { primary, shadow, createdAt, differences, ...rest } = made
  const skipped = primary.skipped ? `primary: ${primary.skipped}` : shadow.skipped ? `shadow: ${shadow.skipped}` : null
  return comparisonSummary({
    ...rest,
    createdAtMs: Date.parse(createdAt),
    differences: differences.slice(0, LISTED_DIFFERENCES),
    differenceCount: differences.length,
    differencesCut: made.differencesCut || differences.length > LISTED_DIFFERENCES,
    skipped,
    primary,
    shadow,
  })
}

/** Only what is described: whoever pairs may know more. */
export function pendingView({ route, arrived, expects, givesUpAt }: Said.Pending): Said.Pending {
  return { route, arrived, expects, givesUpAt }
}

export function unpairedView({ createdAtMs, ...rest }: StoredUnpaired): Said.Unpaired {
  return { ...rest, createdAt: new Date(createdAtMs).toISOString() }
}

function common(stored: Omit<StoredSummary, 'primary' | 'shadow'>): Omit<Said.ComparisonSummary, 'primary' | 'shadow'> {
  return {
    id: `${stored.exchangeId}:${stored.variant}`,
    exchangeId: stored.exchangeId,
    createdAt: new Date(stored.createdAtMs).toISOString(),
    route: stored.route,
    variant: stored.variant,
    method: stored.method,
    path: stored.path,
    endpoint: stored.endpoint,
    outcome: stored.outcome,
    differences: stored.differences.map(differenceView),
    differenceCount: stored.differenceCount,
    differencesCut: stored.differencesCut,
    notes: stored.notes,
    skipped: stored.skipped,
  }
}

function differenceView({
  path,
  kind,
  primary,
  shadow,
  noise,
  rule,
}: Difference): Said.Comparison['differences'][number] {
  return { path, kind, primary, shadow, noise: noise ?? false, rule: rule ?? null }
}
