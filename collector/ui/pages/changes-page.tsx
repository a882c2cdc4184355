// Who changed what, newest first, with the way back where there is one.
import { Anchor, Button, Group, Select, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { readApi } from '../api/client.ts'
import { routesQuery } from '../api/queries.ts'
import type { AuditEvent, AuditPage } from '../api/types.ts'
import { useAddress } from '../parts/address.ts'
import { changeText } from '../parts/change-text.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { visible } from '../parts/format.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Loadable } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { UndoButton } from '../parts/undo-button.tsx'
import { apiPath, pagePath } from '../paths.ts'

const columns: Column<AuditEvent>[] = [
  { id: 'at', label: 'When', cell: ({ at }) => <Time at={at} /> },
  { id: 'who', label: 'Who', cell: ({ actor }) => visible(actor) },
  {
    id: 'what',
    label: 'What',
    cell: (event) => (
      <>
        <strong>{visible(event.kind)}</strong>
        <Text size="sm" className="u-wrap">
          {visible(changeText(event))}
        </Text>
      </>
    ),
  },
  {
    id: 'route',
    label: 'Route',
    cell: ({ route }) =>
      route === null ? (
        '–'
      ) : (
        <Anchor component={Link} href={pagePath.route(route)}>
          {visible(route)}
        </Anchor>
      ),
  },
  { id: 'undo', label: 'Back', cell: (event) => <UndoButton event={event} /> },
]

export function ChangesPage() {
  const [params, change] = useAddress()
  const route = params.get('route') ?? undefined
  const routes = useQuery(routesQuery)
  const changes = useInfiniteQuery({
    queryKey: ['audit', route],
    queryFn: ({ pageParam, signal }) =>
      readApi<AuditPage>(apiPath.audit, { query: { route, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  })
  const names = (routes.data?.items ?? []).map(({ name }) => name)
  return (
    <Page title="Changes">
      <Group align="flex-end" gap="xs" role="search">
        <Select
          label="Route"
          placeholder="all"
          clearable
          searchable
          w={200}
          data={route !== undefined && !names.includes(route) ? [...names, route] : names}
          value={route ?? null}
          onChange={(name) => change({ route: name ?? '' })}
        />
        <Button variant="default" onClick={() => void changes.refetch()} loading={changes.isRefetching}>
          Refresh
        </Button>
      </Group>
      <Loadable query={changes} what="changes" lines={8}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <Empty title="Nothing was changed yet" />
          return (
            <>
              <DataTable caption="Changes" rows={items} columns={columns} rowKey={({ id }) => String(id)} />
              {changes.hasNextPage && (
                <Group justify="flex-end">
                  <Button
                    variant="default"
                    onClick={() => void changes.fetchNextPage()}
                    loading={changes.isFetchingNextPage}
                  >
                    Show more
                  </Button>
                </Group>
              )}
            </>
          )
        }}
      </Loadable>
    </Page>
  )
}
