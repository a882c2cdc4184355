// Every version of a route: who made it, what it changed, and the way back to it.
import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useFeatures } from '../api/features.ts'
import { versionsQuery } from '../api/queries.ts'
import { useRouteChange, whyNotEditable } from '../api/route-change.ts'
import type { Route } from '../api/types.ts'
import { DataTable } from './data-table.tsx'
import { visible } from './format.ts'
import { changedFields } from './route-draft.ts'
import { Empty, Loadable } from './states.tsx'
import { Time } from './time.tsx'

export function RouteHistory({ route }: { route: Route }) {
  const features = useFeatures()
  const { undo } = useRouteChange()
  const versions = useQuery(versionsQuery(route.name))
  const why = whyNotEditable(route, features)
  return (
    <Loadable query={versions} what="versions">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No versions are kept of this route" />
        ) : (
          <DataTable
            caption="Versions"
            rows={items.map((item, at) => ({ item, before: items[at + 1] }))}
            rowKey={({ item }) => String(item.version)}
            columns={[
              { id: 'version', label: 'Version', cell: ({ item }) => item.version },
              { id: 'at', label: 'When', cell: ({ item }) => <Time at={item.at} /> },
              { id: 'who', label: 'By', cell: ({ item }) => visible(item.actor) },
              {
                id: 'what',
                label: 'What',
                cell: ({ item, before }) => (
                  <>
                    {item.action}
                    {before && (
                      <Text span size="sm" c="dimmed" className="u-wrap">
                        {' '}
                        {changedFields(before.route, item.route)}
                      </Text>
                    )}
                  </>
                ),
              },
              {
                id: 'restore',
                label: 'Back',
                cell: ({ item }) =>
                  item.version === route.version ? (
                    'now'
                  ) : (
                    <Button
                      size="compact-sm"
                      variant="default"
                      disabled={why !== undefined}
                      title={why}
                      onClick={() => void undo(route.name, item.version)}
                    >
                      Restore
                    </Button>
                  ),
              },
            ]}
          />
        )
      }
    </Loadable>
  )
}
