// All comparisons, newest first, by the filters of the address.
import { Button, Group, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { readApi } from '../api/client.ts'
import type { ComparisonPage, ComparisonSummary } from '../api/types.ts'
import { ComparisonTable } from '../parts/comparison-table.tsx'
import { FilterBar, useFilters } from '../parts/filters.tsx'
import { plural } from '../parts/format.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Loadable } from '../parts/states.tsx'
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
      <Loadable query={query} what="comparisons" lines={10}>
        {({ pages }) => (
          <Rows
            items={pages.flatMap((page) => page.items)}
            isFiltered={Object.keys(filters).length > 0}
            {...(query.hasNextPage && { more: () => void query.fetchNextPage() })}
            isFetching={query.isFetchingNextPage}
          />
        )}
      </Loadable>
    </Page>
  )
}

function Rows(props: { items: ComparisonSummary[]; isFiltered: boolean; more?: () => void; isFetching: boolean }) {
  const { items, isFiltered, more, isFetching } = props
  if (items.length === 0)
    return (
      <Empty title="No comparison fits">
        {isFiltered
          ? 'Take a filter away, or look at another time. A route may keep only those that differ (its storage policy).'
          : 'Nothing was compared yet: pairs show up a moment after their requests.'}
      </Empty>
    )
  return (
    <>
      <ComparisonTable items={items} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {plural(items.length, 'comparison')} shown
        </Text>
        {more && (
          <Button variant="default" onClick={more} loading={isFetching}>
            Show more
          </Button>
        )}
      </Group>
    </>
  )
}
