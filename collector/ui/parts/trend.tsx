// The rate of differing pairs over time as a line; the figures beside it say the same in words.
import type { OverviewRoute } from '../api/types.ts'
import { percent, plural } from './format.ts'

const width = 120
const height = 28

export function Trend({ trend }: { trend: OverviewRoute['trend'] }) {
  if (trend.length < 2) return <>–</>
  const rates = trend.map(({ pairs, different }) => (pairs === 0 ? 0 : different / pairs))
  const times = trend.map(({ at }) => Date.parse(at))
  const first = times[0] ?? 0
  const span = Math.max(1, (times.at(-1) ?? 0) - first)
  const most = Math.max(...rates, 0.01)
  const points = rates.map((rate, at) => {
    const x = (((times[at] ?? first) - first) / span) * (width - 4) + 2
    return `${x.toFixed(1)},${(height - 3 - (rate / most) * (height - 6)).toFixed(1)}`
  })
  const last = trend.at(-1)
  const label = `differing: ${percent(rates[0])} at first, ${percent(rates.at(-1))} of ${plural(last?.pairs ?? 0, 'pair')} at last, ${percent(Math.max(...rates))} at most`
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <polyline points={points.join(' ')} fill="none" stroke="var(--mantine-color-anchor)" strokeWidth="1.5" />
    </svg>
  )
}
