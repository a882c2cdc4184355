// The four states that every list and every figure can be in besides "here it is": loading, empty, failed, stale.
import { Alert, Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/client.ts'
import { Time } from './time.tsx'

export function Loading({ what, lines = 5 }: { what: string; lines?: number }) {
  return (
    <Stack gap="xs" role="status" aria-label={`Loading ${what}`} p="xs">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={22} />
      ))}
    </Stack>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Paper withBorder p="lg" className="u-soft">
      <Text fw={600}>{title}</Text>
      {children && (
        <Text component="div" c="dimmed" size="sm" mt={4}>
          {children}
        </Text>
      )}
    </Paper>
  )
}

export function Failed({ error, retry, title }: { error: Error; retry?: () => void; title?: string }) {
  const problem = error instanceof ApiError ? error.problem : undefined
  return (
    <Alert color="red" variant="outline" title={title ?? problem?.title ?? 'This could not be loaded'} role="alert">
      <Text size="sm" className="u-wrap">
        {error.message}
      </Text>
      {problem?.requestId && (
        <Text size="xs" c="dimmed" mt={4}>
          request {problem.requestId}
        </Text>
      )}
      {retry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  )
}

/** What is shown is old: since when, and why. */
export function Stale({ since, error }: { since: number; error: Error }) {
  return (
    <Alert color="yellow" variant="outline" role="status" title="Not up to date">
      <Text size="sm" className="u-wrap">
        Shown as of <Time at={since} withSeconds />: {error.message}. It is asked for again by itself.
      </Text>
    </Alert>
  )
}

type Loaded<T> = Pick<
  UseQueryResult<T>,
  'data' | 'error' | 'failureReason' | 'dataUpdatedAt' | 'isFetching' | 'refetch'
>

/** An answer that takes longer makes what is shown old. */
const lateMs = 4_000

/** Why what is shown of a query is old: it failed, or its next answer takes long; undefined where it is fresh. */
export function useStaleness(
  query: Pick<Loaded<unknown>, 'error' | 'failureReason' | 'isFetching'>,
): Error | undefined {
  const { error, failureReason, isFetching } = query
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    setLate(false)
    if (!isFetching) return
    const timer = setTimeout(() => setLate(true), lateMs)
    return () => clearTimeout(timer)
  }, [isFetching])
  return error ?? failureReason ?? (isLate ? new Error('the collector takes long to answer') : undefined)
}

/** Shows a query in whatever state it is. */
export function Loadable<T>(props: {
  query: Loaded<T>
  what: string
  lines?: number
  children: (data: T) => ReactNode
}) {
  const { query, what, lines, children } = props
  const staleness = useStaleness(query)
  if (query.data === undefined) {
    if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />
    return <Loading what={what} {...(lines === undefined ? {} : { lines })} />
  }
  return (
    <Stack gap="sm">
      {staleness && <Stale since={query.dataUpdatedAt} error={staleness} />}
      {children(query.data)}
    </Stack>
  )
}
