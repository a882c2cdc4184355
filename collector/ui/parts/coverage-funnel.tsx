// Coverage as a funnel: what the taps expected, what was compared, and what became of the rest, by reason.
import { Stack, Text } from '@mantine/core'
import type { Coverage } from '../api/types.ts'
import { count, percent } from './format.ts'

/** What a reason means, in a few words; reasons that are not here are shown as they are. */
const meanings: Record<string, string> = {
  'no-shadow': "the shadow's record never came",
  'no-control': "the control's record never came",
  'no-primary': "the primary's record never came",
  'client-ended': 'the client went away, so Traefik mirrored nothing',
  'shed-rate': 'the guard held it back: more than protect.rate',
  'shed-inflight': 'the guard held it back: more than protect.inFlight',
  'shed-breaker': 'the shadow kept failing, so it was left alone for a while',
  'queue-full': "the tap's queue was full",
  'proxy-ended': 'the proxy was killed',
}

/** Null: nothing was counted yet. */
export function Funnel({ coverage }: { coverage: Coverage | null }) {
  if (!coverage) return <Nothing />
  const { tapped, compared, unpaired, dropped, shed, waiting, ratio } = coverage
  const lost = [
    ...Object.entries(unpaired).map(([reason, pairs]) => ({ kind: 'unpaired', reason, pairs })),
    ...Object.entries(dropped).map(([reason, pairs]) => ({ kind: 'dropped', reason, pairs })),
  ]
    .filter(({ pairs }) => pairs > 0)
    .sort((a, b) => b.pairs - a.pairs)
  const whole = Math.max(tapped ?? 0, compared + lost.reduce((sum, { pairs }) => sum + pairs, 0) + (waiting ?? 0))
  if (whole === 0) return <Nothing />
  return (
    <Stack gap={6}>
      <Text size="sm">
        {percent(ratio)} of the expected pairs were compared.
        {tapped === null && ' The taps tell their count since they started only, so it is left out of a window.'}
      </Text>
      <Step label={tapped === null ? 'expected' : 'tapped'} pairs={whole} whole={whole} />
      <Step label="compared" pairs={compared} whole={whole} />
      {Object.entries(shed).map(([reason, pairs]) => (
        <Step
          key={reason}
          label={`of these not sent to the shadow: ${reason}`}
          meaning={meanings[reason]}
          pairs={pairs}
          whole={whole}
          isRest
        />
      ))}
      {(waiting ?? 0) > 0 && <Step label="on their way" pairs={waiting ?? 0} whole={whole} isRest />}
      {lost.map(({ kind, reason, pairs }) => (
        <Step
          key={`${kind} ${reason}`}
          label={`${kind}: ${reason}`}
          meaning={meanings[reason]}
          pairs={pairs}
          whole={whole}
          isRest
        />
      ))}
    </Stack>
  )
}

const Nothing = () => <Text size="sm">No pairs were expected yet.</Text>

function Step(props: { label: string; meaning?: string | undefined; pairs: number; whole: number; isRest?: boolean }) {
  const { label, meaning, pairs, whole, isRest } = props
  return (
    <div>
      <Text size="sm">
        {label} <strong>{count(pairs)}</strong>
        {meaning && (
          <Text span c="dimmed">
            {' '}
            ({meaning})
          </Text>
        )}
      </Text>
      <div className="u-bar">
        <div className={isRest ? 'u-bar-noise' : ''} style={{ width: `${(pairs / whole) * 100}%` }} />
      </div>
    </div>
  )
}
