// What differs, one line each; noise is greyed and names its rule.
import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Difference } from '../api/types.ts'
import { pathText } from './comparison-table.tsx'
import { cut, valueText } from './format.ts'
import { KindSign } from './outcome.tsx'

const shownAtFirst = 50
const valueLength = 300

export function DifferenceList(props: {
  differences: Difference[]
  /** All that were found, where fewer are kept. */
  counted?: number
  actionOf?: (difference: Difference) => ReactNode
}) {
  const { differences, counted = differences.length, actionOf } = props
  const [isWhole, setWhole] = useState(false)
  const real = differences.filter(({ noise }) => !noise)
  const ordered = [...real, ...differences.filter(({ noise }) => noise)]
  const shown = isWhole ? ordered : ordered.slice(0, shownAtFirst)
  if (ordered.length === 0) return <Text size="sm">Both answers are the same in everything that is compared.</Text>
  return (
    <Stack gap="xs">
      <ul className="u-differences">
        {shown.map((difference) => (
          <li key={`${difference.kind} ${difference.path}`} className={difference.noise ? 'u-noise' : undefined}>
            <Group justify="space-between" gap="xs" align="flex-start">
              <div className="u-wrap">
                <KindSign kind={difference.kind} /> <strong className="u-mono">{pathText(difference.path)}</strong>
                {difference.noise && (
                  <Text span size="sm">
                    {' '}
                    · noise: {difference.rule ?? 'learned from the control'}
                  </Text>
                )}
              </div>
              {actionOf?.(difference)}
            </Group>
            <Values difference={difference} />
          </li>
        ))}
      </ul>
      {ordered.length > shown.length && (
        <Button variant="default" size="xs" onClick={() => setWhole(true)}>
          Show all {ordered.length}
        </Button>
      )}
      {counted > ordered.length && (
        <Text size="sm" c="dimmed">
          There are more differences than are kept: {counted} were counted.
        </Text>
      )}
    </Stack>
  )
}

function Values({ difference: { kind, primary, shadow } }: { difference: Difference }) {
  return (
    <div className="u-captured">
      {kind !== 'added' && <div>primary {cut(valueText(primary), valueLength)}</div>}
      {kind !== 'removed' && <div>shadow&nbsp; {cut(valueText(shadow), valueLength)}</div>}
    </div>
  )
}
