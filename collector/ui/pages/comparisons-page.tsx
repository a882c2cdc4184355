// All comparisons, newest first, by the filters of the address.
import { Button, Group, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { readApi } from '../api/client.ts'
import type { ComparisonPage } from '../api/types.ts'
import { ComparisonTable } from '../parts/comparison-table.tsx'
import { FilterBar, useFilters } from '../parts/filters.tsx'
import { plural } from '../parts/format.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Failed, Loading, Stale } from '../parts/states.tsx'
import { apiPath, pagePath } from '../paths.ts'

const pageSize = 50

export function ComparisonsPage() {
  const [filters, change] = useFilters()
  const query = useInfiniteQuery({
    queryKey: ['comparisons', filters],
    queryFn: ({ pageParam, signal }) =>
      readApi<ComparisonPage>(apiPath.comparisons, {
        query: { ...filters, limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    // Rows that move under the reader's eyes are the live page's affair.
    staleTime: 30_000,
  })
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page
      title="Comparisons"
      actions={
        <>
          <Button variant="default" onClick={() => void query.refetch()} loading={query.isRefetching}>
            Refresh
          </Button>
          <Button
            variant="default"
            component={Link}
            href={pagePath.live({ route: filters.route, outcome: filters.outcome, variant: filters.variant })}
          >
            Watch live
          </Button>
        </>
      }
    >
      <FilterBar filters={filters} change={change} hasTimes />
      {query.data === undefined && query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data === undefined && !query.error && <Loading what="comparisons" lines={10} />}
      {query.data && (query.error ?? query.failureReason) && (
        <Stale since={query.dataUpdatedAt} error={(query.error ?? query.failureReason) as Error} />
      )}
      {query.data && items.length === 0 && (
        <Empty title="No comparison fits">
          {Object.keys(filters).length === 0
            ? 'Nothing was compared yet: pairs show up a moment after their requests.'
            : 'Take a filter away, or look at another time. A route may keep only those that differ (its storage policy).'}
        </Empty>
      )}
      {items.length > 0 && (
        <>
          <ComparisonTable items={items} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {plural(items.length, 'comparison')} shown
            </Text>
            {query.hasNextPage && (
              <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                Show more
              </Button>
            )}
          </Group>
        </>
      )}
    </Page>
  )
}
