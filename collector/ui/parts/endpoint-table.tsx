// The endpoints of a route, the most different ones first; control pairs are left to the fields.
import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import type { EndpointVerdict, Report, Verdict } from '../api/types.ts'
import { pagePath } from '../paths.ts'
import { type Column, DataTable } from './data-table.tsx'
import { count, percent, visible } from './format.ts'
import { VerdictText } from './outcome.tsx'

type Row = Report['endpoints'][number]

export function EndpointTable(props: { name: string; report: Report; verdicts: Verdict[] }) {
  const { name, report, verdicts } = props
  const judged = new Map(
    verdicts.flatMap(({ variant, endpoints }) => endpoints.map((each) => [`${variant} ${each.endpoint}`, each])),
  )
  const rows = report.endpoints.filter(({ variant }) => variant !== 'control')
  const hasSeveral = new Set(rows.map(({ variant }) => variant)).size > 1
  const columns: Column<Row>[] = [
    {
      id: 'endpoint',
      label: 'Endpoint',
      sortBy: ({ endpoint }) => endpoint,
      cell: ({ endpoint, variant }) => (
        <Anchor
          component={Link}
          href={pagePath.comparisons({ route: name, endpoint, variant })}
          className="u-endpoint u-wrap u-mono"
        >
          {visible(endpoint)}
        </Anchor>
      ),
    },
    ...(hasSeveral ? [{ id: 'variant', label: 'Variant', cell: ({ variant }: Row) => variant }] : []),
    {
      id: 'rate',
      label: 'Differing',
      isNumber: true,
      sortBy: rateOf,
      cell: (row) => (
        <strong className={row.outcomes.different > 0 ? 'u-different' : ''}>{percent(rateOf(row))}</strong>
      ),
    },
    { id: 'pairs', label: 'Pairs', isNumber: true, sortBy: ({ pairs }) => pairs, cell: ({ pairs }) => count(pairs) },
    { id: 'different', label: 'Different', isNumber: true, cell: ({ outcomes }) => count(outcomes.different) },
    { id: 'noise', label: 'Noise', isNumber: true, cell: ({ outcomes }) => count(outcomes.noise) },
    { id: 'incomplete', label: 'Incomplete', isNumber: true, cell: ({ outcomes }) => count(outcomes.incomplete) },
    ...(judged.size > 0
      ? [
          {
            id: 'verdict',
            label: 'Verdict',
            cell: ({ endpoint, variant }: Row) => <Judged verdict={judged.get(`${variant} ${endpoint}`)} />,
          },
        ]
      : []),
  ]
  return (
    <>
      <DataTable
        caption="Endpoints"
        rows={rows}
        columns={columns}
        rowKey={({ endpoint, variant }) => `${variant} ${endpoint}`}
      />
      {report.endpointsCut && (
        <Text size="sm" c="dimmed">
          Only the most different endpoints are shown.
        </Text>
      )}
    </>
  )
}

/** Why it failed is told at once; what an undecided one still needs is told when it is asked for. */
function Judged({ verdict: judged }: { verdict: EndpointVerdict | undefined }) {
  if (!judged) return <>–</>
  const { verdict, reason } = judged
  const why = (
    <Text size="xs" c="dimmed" className="u-wrap">
      {visible(reason)}
    </Text>
  )
  if (verdict === 'fail' || verdict === 'invalid')
    return (
      <>
        <VerdictText verdict={verdict} />
        {why}
      </>
    )
  return (
    <details className="u-why">
      <summary>
        <VerdictText verdict={verdict} />
      </summary>
      {why}
    </details>
  )
}

function rateOf({ outcomes }: Row): number {
  const told = outcomes.match + outcomes.noise + outcomes.different
  return told === 0 ? 0 : outcomes.different / told
}
