// A route's name, typed before what could hurt is done to the route.
import { TextInput } from '@mantine/core'

/** Percent: a share raised above it sends the shadow most of what the live version gets. */
const mostOfTheTraffic = 50

/** Whether the change is one for which the route's name is asked. A new route comes from a share of 0. */
export function needsTypedName(shareBefore: number, shareAfter: unknown): boolean {
  return typeof shareAfter === 'number' && shareAfter > mostOfTheTraffic && shareAfter > shareBefore
}

export function TypedName(props: {
  name: string
  typed: string
  onType: (typed: string) => void
  error?: string | undefined
}) {
  const { name, typed, onType, error } = props
  return (
    <TextInput
      label={`Type ${name} to go on`}
      value={typed}
      onChange={(event) => onType(event.currentTarget.value)}
      error={error}
    />
  )
}
