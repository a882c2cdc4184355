// Causes, ranked as the API ranks them: what differs where, how often, and an example to open.
import { Anchor, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import type { Cause } from '../api/types.ts'
import { pagePath } from '../paths.ts'
import { pathText } from './comparison-table.tsx'
import { type Column, DataTable } from './data-table.tsx'
import { count, percent, visible } from './format.ts'
import { KindSign } from './outcome.tsx'
import { Empty } from './states.tsx'
import { Time } from './time.tsx'

/** `hasSeveral`: causes of more than one shadow are shown, so each names its own. */
const columnsOf = (hasSeveral: boolean): Column<Cause>[] => [
  {
    id: 'cause',
    label: 'What',
    cell: ({ path, kind, endpoint, valueClass, noise, rule, variant }) => (
      <Stack gap={0} className={noise ? 'u-noise u-wrap' : 'u-wrap'}>
        <span>
          <KindSign kind={kind} /> <strong className="u-mono">{pathText(path)}</strong>
          {noise && <Text span> · noise{rule ? `: ${visible(rule)}` : ''}</Text>}
        </span>
        <Text size="sm" c="dimmed" className="u-mono">
          {visible(endpoint)}
        </Text>
        <Text size="xs" c="dimmed">
          {[hasSeveral && variant, visible(valueClass)].filter(Boolean).join(' · ')}
        </Text>
      </Stack>
    ),
  },
  { id: 'count', label: 'Pairs', isNumber: true, sortBy: (row) => row.count, cell: (row) => count(row.count) },
  { id: 'rate', label: 'Rate', isNumber: true, sortBy: (row) => row.rate, cell: ({ rate }) => percent(rate) },
  {
    id: 'control',
    label: 'Control',
    isNumber: true,
    cell: ({ controlRate }) => (controlRate === null ? 'none' : percent(controlRate)),
  },
  { id: 'first', label: 'First', cell: ({ firstSeen }) => <Time at={firstSeen} /> },
  { id: 'last', label: 'Last', cell: ({ lastSeen }) => <Time at={lastSeen} /> },
  {
    id: 'samples',
    label: 'Examples',
    cell: ({ samples }) =>
      samples.length === 0
        ? '–'
        : samples.slice(0, 3).map((id, at) => (
            <Anchor key={id} component={Link} href={pagePath.comparison(id)} className="u-sample" size="sm">
              {at === 0 ? 'open' : at + 1}
            </Anchor>
          )),
  },
]

export function CauseTable({ causes }: { causes: Cause[] }) {
  if (causes.length === 0) return <Empty title="No differences">Every compared pair is the same, noise aside.</Empty>
  const hasSeveral = new Set(causes.map(({ variant }) => variant)).size > 1
  return <DataTable caption="Causes" rows={causes} columns={columnsOf(hasSeveral)} rowKey={({ id }) => id} />
}
