// A route's report: the verdict in a sentence, what differs by cause, endpoint and field, how long it took, what was missed.
import { Alert, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import { useFeatures } from '../api/features.ts'
import { reportQuery, verdictQuery } from '../api/queries.ts'
import type { Report, Verdict } from '../api/types.ts'
import { CauseTable } from './cause-table.tsx'
import { Funnel } from './coverage-funnel.tsx'
import { EndpointTable } from './endpoint-table.tsx'
import { FieldTree } from './field-tree.tsx'
import { plural, visible } from './format.ts'
import { LatencyChart } from './latency-chart.tsx'
import { VerdictText } from './outcome.tsx'
import { Empty, Loadable } from './states.tsx'
import { Time } from './time.tsx'

export function ReportTab({ name }: { name: string }) {
  const { has } = useFeatures()
  const [params, setParams] = useSearchParams()
  const hasNoise = params.get('noise') === 'true'
  const report = useQuery(reportQuery(name, hasNoise ? { include: 'noise' } : {}))
  const verdict = useQuery({ ...verdictQuery(name), enabled: has('get /api/v1/routes/{name}/verdict') })
  return (
    <Stack gap="lg">
      {verdict.data && <VerdictSentence verdict={verdict.data} />}
      <Loadable query={report} what="the report" lines={10}>
        {(data) => (
          <Sections
            name={name}
            report={data}
            verdict={verdict.data}
            hasNoise={hasNoise}
            setNoise={(on) => setParams(on ? { noise: 'true' } : {}, { replace: true })}
          />
        )}
      </Loadable>
    </Stack>
  )
}

function VerdictSentence({ verdict }: { verdict: Verdict }) {
  const colours = { pass: 'green', fail: 'red', inconclusive: 'yellow', invalid: 'red' }
  return (
    <Alert variant="outline" color={colours[verdict.verdict]} title={<VerdictText verdict={verdict.verdict} />}>
      <Text className="u-wrap">{visible(verdict.reason)}</Text>
      {(verdict.since || (verdict.missing ?? 0) > 0) && (
        <Text size="sm" c="dimmed">
          {verdict.since && (
            <>
              since <Time at={verdict.since} />
            </>
          )}
          {verdict.since && (verdict.missing ?? 0) > 0 && ' · '}
          {(verdict.missing ?? 0) > 0 && `${plural(verdict.missing ?? 0, 'request')} more are needed`}
          {verdict.missingSeconds ? `, about ${durationText(verdict.missingSeconds)} at today's traffic` : ''}
        </Text>
      )}
    </Alert>
  )
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`
}

function Sections(props: {
  name: string
  report: Report
  verdict: Verdict | undefined
  hasNoise: boolean
  setNoise: (on: boolean) => void
}) {
  const { name, report, verdict, hasNoise, setNoise } = props
  const { causes, fields, latency, endpoints, coverage } = report
  if (endpoints.length === 0 && coverage.compared === 0 && (coverage.tapped ?? 0) === 0) {
    return <Empty title="Nothing was compared yet">Requests that match the route's rule show up within seconds.</Empty>
  }
  return (
    <Stack gap="lg">
      <section aria-label="Causes">
        <Group justify="space-between" mb="xs">
          <Title order={2}>What differs, by cause</Title>
          <Switch
            size="sm"
            label="Show noise too"
            checked={hasNoise}
            onChange={(event) => setNoise(event.currentTarget.checked)}
          />
        </Group>
        <CauseTable causes={causes} />
      </section>
      <section aria-label="Endpoints">
        <Title order={2} mb="xs">
          Endpoints
        </Title>
        <EndpointTable name={name} report={report} verdict={verdict} />
      </section>
      {fields && fields.length > 0 && (
        <section aria-label="Fields">
          <Title order={2} mb="xs">
            Fields: how often each differs, in the shadow and in the control
          </Title>
          <FieldTree fields={fields} />
        </section>
      )}
      {latency && (
        <section aria-label="Latency">
          <Title order={2} mb="xs">
            Latency
          </Title>
          <LatencyChart latency={latency} />
        </section>
      )}
      <section aria-label="Coverage">
        <Title order={2} mb="xs">
          Coverage
        </Title>
        <Funnel coverage={coverage} />
      </section>
    </Stack>
  )
}
