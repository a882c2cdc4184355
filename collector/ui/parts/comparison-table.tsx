// A list of comparisons: what was asked, what became of it, and the first of what differs.
import { Anchor, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import type { ComparisonSummary } from '../api/types.ts'
import { pagePath } from '../paths.ts'
import { type Column, DataTable } from './data-table.tsx'
import { cut, millis, visible } from './format.ts'
import { KindSign, OutcomeText } from './outcome.tsx'
import { Time } from './time.tsx'

const shownDifferences = 2

const columns: Column<ComparisonSummary>[] = [
  {
    id: 'request',
    label: 'Request',
    cell: (item) => (
      <Stack gap={0}>
        <Anchor component={Link} href={pagePath.comparison(item.id)} className="u-wrap u-mono">
          {item.method} {cut(visible(item.path), 120)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {item.route} · {item.variant}
        </Text>
      </Stack>
    ),
  },
  { id: 'outcome', label: 'Outcome', cell: ({ outcome }) => <OutcomeText outcome={outcome} /> },
  { id: 'differences', label: 'Differences', cell: (item) => <Differences item={item} /> },
  { id: 'status', label: 'Status', cell: ({ primary, shadow }) => <Statuses primary={primary} shadow={shadow} /> },
  {
    id: 'latency',
    label: 'Latency',
    isNumber: true,
    cell: ({ primary, shadow }) => `${millis(primary.latencyMs)} → ${millis(shadow.latencyMs)}`,
  },
  { id: 'at', label: 'When', cell: ({ createdAt }) => <Time at={createdAt} /> },
]

export function ComparisonTable({ items }: { items: ComparisonSummary[] }) {
  return <DataTable caption="Comparisons" rows={items} columns={columns} rowKey={(item) => item.id} />
}

export function Differences({ item }: { item: ComparisonSummary }) {
  const real = item.differences.filter((difference) => !difference.noise)
  const shown = (real.length > 0 ? real : item.differences).slice(0, shownDifferences)
  const more = item.differenceCount - shown.length
  if (shown.length === 0) return <>{item.skipped ? visible(item.skipped) : '–'}</>
  return (
    <Stack gap={0}>
      {shown.map(({ path, kind, noise }) => (
        <span key={`${kind} ${path}`} className={noise ? 'u-wrap u-noise' : 'u-wrap'}>
          <KindSign kind={kind} /> <span className="u-mono">{pathText(path)}</span>
        </span>
      ))}
      {more > 0 && (
        <Text size="xs" c="dimmed">
          and {more} more
        </Text>
      )}
    </Stack>
  )
}

/** The whole body's pointer is the empty text. */
export function pathText(path: string): string {
  return path === '' ? '(whole body)' : cut(visible(path), 160)
}

function Statuses({ primary, shadow }: Pick<ComparisonSummary, 'primary' | 'shadow'>) {
  const isSame = primary.status === shadow.status
  if (isSame) return <>{primary.status ?? '–'}</>
  return (
    <strong className="u-nowrap">
      {primary.status ?? '–'} → {shadow.status ?? '–'}
    </strong>
  )
}
