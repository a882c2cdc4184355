// Half, nine tenths and ninety-nine hundredths of the answers came within these times: primary, control and shadow.
import { Text } from '@mantine/core'
import type { Quantiles, Report } from '../api/types.ts'
import { DataTable } from './data-table.tsx'
import { millis } from './format.ts'

type Latency = Report['latency']
type Row = { name: string; times: Quantiles }

export function LatencyChart({ latency }: { latency: Latency }) {
  const shadows: [string, Quantiles | null][] = latency.shadows?.length
    ? latency.shadows.map(({ variant, latency: times }) => [`shadow (${variant})`, times])
    : [['shadow', latency.shadow]]
  const all: [string, Quantiles | null][] = [['primary', latency.primary], ['control', latency.control], ...shadows]
  const rows = all.flatMap(([name, times]): Row[] => (times ? [{ name, times }] : []))
  if (rows.length === 0) return <Text size="sm">No answer was timed yet.</Text>
  const most = Math.max(...rows.map(({ times }) => times.p99 ?? 0), 0.001)
  return (
    <DataTable
      caption="Latency"
      rows={rows}
      rowKey={({ name }) => name}
      columns={[
        { id: 'name', label: 'Side', cell: ({ name }) => name },
        ...(['p50', 'p90', 'p99'] as const).map((quantile) => ({
          id: quantile,
          label: quantile,
          cell: ({ times }: Row) => <Bar value={times[quantile]} most={most} />,
        })),
      ]}
    />
  )
}

function Bar({ value, most }: { value: number | null; most: number }) {
  return (
    <div className="u-rate">
      <Text size="sm">{millis(value)}</Text>
      <div className="u-bar">{value !== null && <div style={{ width: `${(value / most) * 100}%` }} />}</div>
    </div>
  )
}
