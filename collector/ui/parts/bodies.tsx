// Both bodies, side by side or one below the other, laid out or raw.
import { Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { SideInFull } from '../api/types.ts'
import { bodyText } from './body-text.ts'
import { Loading } from './states.tsx'

/** The editor is large, so a file of its own; asked for as soon as it is known that it will be needed. */
export const loadEditor = () => import('./body-compare.tsx')
const BodyCompare = lazy(async () => ({ default: (await loadEditor()).BodyCompare }))
const narrow = '(max-width: 48em)'

export function Bodies({ primary, shadow }: { primary: SideInFull; shadow: SideInFull }) {
  const [isRaw, setRaw] = useState(false)
  const isNarrow = useMediaQuery(narrow, undefined, { getInitialValueInEffect: false })
  const [chosen, setChosen] = useState<string>()
  const layout = chosen ?? (isNarrow ? 'one' : 'two')
  const left = useMemo(() => bodyText(primary, isRaw), [primary, isRaw])
  const right = useMemo(() => bodyText(shadow, isRaw), [shadow, isRaw])
  const notes = [left.note && `Primary: ${left.note}.`, right.note && `Shadow: ${right.note}.`].filter(Boolean)
  const hasText = left.text !== '' || right.text !== ''
  return (
    <Stack gap="xs">
      <Group gap="md">
        {hasText && (
          <SegmentedControl
            size="xs"
            aria-label="Layout"
            value={layout}
            onChange={setChosen}
            data={[
              { value: 'two', label: 'Side by side' },
              { value: 'one', label: 'One column' },
            ]}
          />
        )}
        {(left.isJson || right.isJson) && (
          <Switch
            size="sm"
            label="As captured"
            checked={isRaw}
            onChange={(event) => setRaw(event.currentTarget.checked)}
          />
        )}
        {notes.map((note) => (
          <Text key={note} size="sm" c="dimmed">
            {note}
          </Text>
        ))}
      </Group>
      {hasText && (
        <Suspense fallback={<Loading what="bodies" lines={8} />}>
          <BodyCompare
            primary={left.text}
            shadow={right.text}
            isJson={left.isJson && right.isJson && !isRaw}
            isUnified={layout === 'one'}
          />
        </Suspense>
      )}
    </Stack>
  )
}
