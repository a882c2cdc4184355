// How the machinery is: each part, and what was given up on the way, by reason.
import { Anchor, Code, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { metricsQuery, overviewQuery, routesQuery, statusQuery } from '../api/queries.ts'
import type { Status } from '../api/types.ts'
import { Funnel } from '../parts/coverage-funnel.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { count, visible } from '../parts/format.ts'
import { sumMetric } from '../parts/metrics-text.ts'
import { StateText } from '../parts/outcome.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loadable } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { pagePath } from '../paths.ts'

type Component = Status['components'][number]

const columns: Column<Component>[] = [
  { id: 'name', label: 'Part', cell: ({ name }) => name },
  { id: 'state', label: 'State', cell: ({ state }) => <StateText state={state} /> },
  {
    id: 'detail',
    label: 'Detail',
    cell: ({ detail, mend }) => (
      <Stack gap={0} className="u-wrap">
        <span>{visible(detail ?? '–')}</span>
        {mend && <strong>{visible(mend)}</strong>}
      </Stack>
    ),
  },
]

export function PipelinePage() {
  const status = useQuery(statusQuery)
  const metrics = useQuery(metricsQuery)
  return (
    <Page title="Pipeline">
      <Loadable query={status} what="parts">
        {({ components, version, startedAt }) => (
          <>
            <Text size="sm" c="dimmed">
              Version {version}, running since <Time at={startedAt} />. A record's way: tap → ingest → Kafka → pairing →
              comparison → store.
            </Text>
            <DataTable caption="Parts" rows={components} columns={columns} rowKey={({ name }) => name} />
          </>
        )}
      </Loadable>
      <Title order={2}>In this process</Title>
      <Loadable query={metrics} what="counters">
        {(text) => <Counters text={text} />}
      </Loadable>
      <Title order={2}>Coverage</Title>
      <Coverages />
    </Page>
  )
}

function Counters({ text }: { text: string }) {
  const rows = [
    ['Tap records taken', total(text, 'understudy_tap_records_total')],
    ['Pairs compared', total(text, 'understudy_comparisons_total')],
    ['Waiting for a side', total(text, 'understudy_pending_pairs')],
    ['Records behind in Kafka', total(text, 'understudy_consumer_lag_records')],
    ['Bytes waiting for Kafka', total(text, 'understudy_ingest_queue_bytes')],
    ['Dead letters', total(text, 'understudy_dead_letters_total')],
  ] as const
  const dropped = sumMetric(text, 'understudy_dropped_total', ['stage', 'reason'])
  return (
    <Stack gap="sm">
      <DataTable
        caption="Counters of this process since its start"
        rows={rows.map(([label, value]) => ({ label, value }))}
        columns={[
          { id: 'label', label: 'What', cell: ({ label }) => label },
          { id: 'value', label: 'Now', isNumber: true, cell: ({ value }) => count(value) },
        ]}
        rowKey={({ label }) => label}
      />
      {dropped.length === 0 ? (
        <Text size="sm">Nothing was dropped since this process started.</Text>
      ) : (
        <DataTable
          caption="Dropped, by stage and reason"
          rows={dropped}
          columns={[
            { id: 'stage', label: 'Dropped at', cell: ({ labels }) => labels.stage ?? '–' },
            { id: 'reason', label: 'Reason', cell: ({ labels }) => labels.reason ?? '–' },
            { id: 'value', label: 'Records', isNumber: true, cell: ({ value }) => count(value) },
          ]}
          rowKey={({ labels }) => `${labels.stage} ${labels.reason}`}
        />
      )}
    </Stack>
  )
}

function total(text: string, name: string): number {
  return sumMetric(text, name, [])[0]?.value ?? 0
}

/** Of every route at once: a report of each would be asked for, and it tells far more than this. */
function Coverages() {
  const routes = useQuery(routesQuery)
  const overview = useQuery(overviewQuery)
  return (
    <Loadable query={routes} what="routes">
      {({ items: known }) =>
        known.length === 0 ? (
          <Empty title="No routes yet">
            <Code>npm run -s understudy -- doctor</Code> tells what is missing.
          </Empty>
        ) : (
          <Loadable query={overview} what="coverage">
            {({ items }) => (
              <Stack gap="lg">
                {known.map(({ name }) => (
                  <Stack key={name} gap={4}>
                    <Anchor component={Link} href={pagePath.route(name)} fw={600}>
                      {name}
                    </Anchor>
                    <Funnel coverage={items.find(({ route }) => route === name)?.coverage ?? null} />
                  </Stack>
                ))}
              </Stack>
            )}
          </Loadable>
        )
      }
    </Loadable>
  )
}
