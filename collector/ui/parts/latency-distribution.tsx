// How many answers took how long, as three lines over a logarithmic scale; the table of percentiles says the same in figures.
import { Group, Text } from '@mantine/core'
import type { Report } from '../api/types.ts'
import { millis } from './format.ts'

type Step = Report['latency']['distribution'][number]

/** Told apart by their strokes as well as by their colours. */
const sides = [
  { side: 'primary', className: 'u-line-primary' },
  { side: 'control', className: 'u-line-control' },
  { side: 'shadow', className: 'u-line-shadow' },
] as const

const width = 640
const height = 140
const foot = 26
const labelled = 6

export function LatencyDistribution({ steps }: { steps: Step[] }) {
  if (steps.length < 2) return null
  const shown = sides.filter(({ side }) => steps.some((step) => step[side] > 0))
  const most = Math.max(...steps.flatMap((step) => shown.map(({ side }) => step[side])))
  const x = (at: number) => (at / (steps.length - 1)) * (width - 88) + 44
  const y = (part: number) => height - foot - (part / most) * (height - foot - 6)
  const every = Math.max(1, Math.ceil(steps.length / labelled))
  return (
    <figure className="u-figure">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label="How many answers took how long">
        <line x1={20} x2={width - 20} y1={height - foot} y2={height - foot} className="u-axis" />
        {shown.map(({ side, className }) => (
          <polyline
            key={side}
            className={className}
            points={steps.map((step, at) => `${x(at).toFixed(1)},${y(step[side]).toFixed(1)}`).join(' ')}
          />
        ))}
        {steps.map(({ upToMs }, at) =>
          at % every === 0 ? (
            <text key={upToMs} x={x(at)} y={height - 6} textAnchor="middle" className="u-axis-text">
              {millis(upToMs)}
            </text>
          ) : null,
        )}
      </svg>
      <Group component="figcaption" gap="md">
        {shown.map(({ side, className }) => (
          <Group key={side} gap={6}>
            <svg width={32} height={8} aria-hidden="true">
              <line x1={0} x2={32} y1={4} y2={4} className={className} />
            </svg>
            <Text span size="sm">
              {side}
            </Text>
          </Group>
        ))}
        <Text span size="sm" c="dimmed">
          part of the answers that took up to so long
        </Text>
      </Group>
    </figure>
  )
}
