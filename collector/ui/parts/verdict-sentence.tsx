// A shadow's verdict with its reason in a sentence, since when it holds, and what is still missing.
import { Alert, Text } from '@mantine/core'
import type { Verdict } from '../api/types.ts'
import { plural, visible } from './format.ts'
import { VerdictText } from './outcome.tsx'
import { Time } from './time.tsx'

const colours = { pass: 'green', fail: 'red', inconclusive: 'yellow', invalid: 'red' }

export function VerdictSentence({ verdict: judged }: { verdict: Verdict }) {
  const { verdict, reason, since, missing, missingSeconds } = judged
  return (
    <Alert variant="outline" color={colours[verdict]} title={<VerdictText verdict={verdict} />}>
      <Text className="u-wrap">{visible(reason)}</Text>
      <Text size="sm" c="dimmed">
        {since && (
          <>
            since <Time at={since} />
          </>
        )}
        {since && missing > 0 && ' · '}
        {missing > 0 && `${plural(missing, 'request')} more are needed`}
        {missing > 0 && missingSeconds !== null && `, about ${durationText(missingSeconds)} at today's traffic`}
      </Text>
    </Alert>
  )
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`
}
