// The first screen: every route with what it compares, how often the answers differ, and where to go from there.
import { Anchor, Button, Code, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useFeatures } from '../api/features.ts'
import { overviewMinutes, overviewQuery, routesQuery } from '../api/queries.ts'
import type { OverviewRoute, Route } from '../api/types.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { percent, plural, visible } from '../parts/format.ts'
import { NoTraffic } from '../parts/no-traffic.tsx'
import { StateText, VerdictText } from '../parts/outcome.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loadable } from '../parts/states.tsx'
import { targetText } from '../parts/target-text.ts'
import { Trend } from '../parts/trend.tsx'
import { pagePath } from '../paths.ts'

type Row = { route: Route; counts: OverviewRoute | undefined }

export function RoutesPage() {
  const { has } = useFeatures()
  const routes = useQuery(routesQuery)
  const overview = useQuery(overviewQuery)
  const canCreate = has('post /api/v1/routes')
  return (
    <Page
      title="Routes"
      actions={
        canCreate && (
          <Button component={Link} href={pagePath.newRoute()}>
            New route
          </Button>
        )
      }
    >
      <Loadable query={routes} what="routes">
        {({ items }) =>
          items.length === 0 ? (
            <NoRoutes canCreate={canCreate} />
          ) : (
            <>
              <RouteTable
                rows={items.map((route) => ({
                  route,
                  counts: overview.data?.items.find((each) => each.route === route.name),
                }))}
              />
              <Text size="xs" c="dimmed">
                Differing, trend and pairs: the last {overviewMinutes / 60} hours. Coverage: since the first pair.
              </Text>
            </>
          )
        }
      </Loadable>
    </Page>
  )
}

function RouteTable({ rows }: { rows: Row[] }) {
  const hasCanary = rows.some(({ route }) => (route.canary?.weight ?? 0) > 0)
  const columns: Column<Row>[] = [
    {
      id: 'name',
      label: 'Route',
      sortBy: ({ route }) => route.name,
      cell: ({ route }) => (
        <Stack gap={0}>
          <Anchor component={Link} href={pagePath.route(route.name)} fw={600}>
            {route.name}
          </Anchor>
          <StateText state={route.state} />
          {route.reason && (
            <Text size="xs" c="dimmed" className="u-wrap">
              {visible(route.reason)}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: 'targets',
      label: 'Primary → shadows',
      cell: ({ route }) => (
        <Stack gap={0} className="u-wrap">
          <span>{targetText(route.primary)}</span>
          {(route.shadows ?? []).map((shadow) => (
            <Text key={shadow.name} size="sm" c="dimmed">
              → {shadow.name}: {targetText(shadow)}
            </Text>
          ))}
        </Stack>
      ),
    },
    {
      id: 'share',
      label: 'Share',
      isNumber: true,
      sortBy: ({ route }) => route.share ?? 0,
      cell: ({ route }) => (route.share === undefined ? '–' : `${route.share} %`),
    },
    ...(hasCanary
      ? [
          {
            id: 'canary',
            label: 'Canary',
            isNumber: true,
            cell: ({ route }: Row) => (route.canary?.weight === undefined ? '–' : `${route.canary.weight} %`),
          },
        ]
      : []),
    {
      id: 'rate',
      label: 'Differing',
      isNumber: true,
      sortBy: ({ counts }) => rateOf(counts) ?? -1,
      cell: ({ route, counts }) => <Rate name={route.name} counts={counts} />,
    },
    { id: 'verdict', label: 'Verdict', cell: ({ route, counts }) => <Verdicts route={route} counts={counts} /> },
    {
      id: 'coverage',
      label: 'Coverage',
      isNumber: true,
      sortBy: ({ counts }) => counts?.coverage?.ratio ?? -1,
      cell: ({ counts }) => percent(counts?.coverage?.ratio),
    },
    { id: 'trend', label: 'Trend', cell: ({ counts }) => (counts ? <Trend trend={counts.trend} /> : '–') },
  ]
  const isQuiet = rows.every(({ counts }) => pairsOf(counts) === 0)
  return (
    <Stack>
      <DataTable caption="Routes" rows={rows} columns={columns} rowKey={({ route }) => route.name} />
      {isQuiet && rows[0] && <NoTraffic route={rows[0].route} />}
    </Stack>
  )
}

function Rate({ name, counts }: { name: string; counts: OverviewRoute | undefined }) {
  const pairs = pairsOf(counts)
  if (!counts || pairs === 0) return <Text size="sm">no pairs yet</Text>
  return (
    <Stack gap={0}>
      <Anchor component={Link} href={pagePath.comparisons({ route: name, outcome: 'different' })}>
        {percent(rateOf(counts))}
      </Anchor>
      <Text size="xs" c="dimmed">
        of {plural(pairs, 'pair')}
      </Text>
    </Stack>
  )
}

/** Of the shadows that the route has now; one that is gone is history. */
function Verdicts({ route, counts }: Row) {
  const names = (route.shadows ?? []).map(({ name }) => name)
  const verdicts = (counts?.verdicts ?? []).filter(({ variant }) => names.includes(variant))
  if (verdicts.length === 0) return <>–</>
  return (
    <Stack gap={0}>
      {verdicts.map(({ variant, verdict }) => (
        <span key={variant}>
          <VerdictText verdict={verdict} />
          {names.length > 1 && (
            <Text span size="sm" c="dimmed">
              {' '}
              {variant}
            </Text>
          )}
        </span>
      ))}
    </Stack>
  )
}

function NoRoutes({ canCreate }: { canCreate: boolean }) {
  return (
    <Empty title="No routes yet">
      <Group gap="xs">
        <Text size="sm">A route joins a primary to its shadows. Write one in the routes file, or start with one:</Text>
        {canCreate && (
          <Anchor component={Link} href={pagePath.newRoute()}>
            make one here
          </Anchor>
        )}
      </Group>
      <Code block>npm start -- --primary http://127.0.0.1:3000 --shadow http://127.0.0.1:3001</Code>
    </Empty>
  )
}

function pairsOf(counts: OverviewRoute | undefined): number {
  if (!counts) return 0
  const { match, noise, different } = counts.outcomes
  return match + noise + different
}

/** Of pairs that could be compared: incomplete ones say nothing. */
function rateOf(counts: OverviewRoute | undefined): number | null {
  const pairs = pairsOf(counts)
  return counts && pairs > 0 ? counts.outcomes.different / pairs : null
}
