// A route's report: the verdict in a sentence, what differs by cause, endpoint and field, how long it took, what was missed.
import { Group, NativeSelect, Stack, Switch, Title } from '@mantine/core'
import { useQueries, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { reportQuery, verdictQuery } from '../api/queries.ts'
import type { Report, Route, Verdict } from '../api/types.ts'
import { useAddress } from './address.ts'
import { CauseTable } from './cause-table.tsx'
import { Funnel } from './coverage-funnel.tsx'
import { EndpointTable } from './endpoint-table.tsx'
import { FieldTree } from './field-tree.tsx'
import { LatencyChart } from './latency-chart.tsx'
import { LatencyDistribution } from './latency-distribution.tsx'
import { NoTraffic } from './no-traffic.tsx'
import { Loadable } from './states.tsx'
import { VerdictSentence } from './verdict-sentence.tsx'

export function ReportTab({ route }: { route: Route }) {
  const { name } = route
  const shadows = (route.shadows ?? []).map((shadow) => shadow.name)
  const [params, change] = useAddress()
  const hasNoise = params.get('noise') === 'true'
  const asked = params.get('variant')
  const variant = asked !== null && shadows.includes(asked) ? asked : undefined
  const filters = { ...(variant !== undefined && { variant }), ...(hasNoise && { include: 'noise' }) }
  const report = useQuery(reportQuery(name, filters))
  // The first shadow's needs no name, and is told with the page.
  const judged = shadows.length > 1 ? (variant === undefined ? shadows : [variant]) : [undefined]
  const verdicts = useQueries({ queries: judged.map((of) => verdictQuery(name, of)) }).flatMap(({ data }) => data ?? [])
  return (
    <Stack gap="lg">
      {shadows.length > 1 && (
        <NativeSelect
          label="Shadow"
          w={220}
          value={variant ?? ''}
          onChange={(event) => change({ variant: event.currentTarget.value })}
          data={[{ value: '', label: 'all shadows' }, ...shadows]}
        />
      )}
      {verdicts.map((verdict) => (
        <VerdictSentence key={verdict.variant} verdict={verdict} />
      ))}
      <Loadable query={report} what="the report" lines={10}>
        {(data) => (
          <Sections
            route={route}
            report={data}
            verdicts={verdicts}
            noise={
              <Switch
                size="sm"
                label="Show noise too"
                checked={hasNoise}
                onChange={(event) => change({ noise: event.currentTarget.checked ? 'true' : '' })}
              />
            }
          />
        )}
      </Loadable>
    </Stack>
  )
}

function Sections(props: { route: Route; report: Report; verdicts: Verdict[]; noise: ReactNode }) {
  const { route, report, verdicts, noise } = props
  const { causes, fields, latency, endpoints, coverage } = report
  if (endpoints.length === 0 && coverage.compared === 0 && (coverage.tapped ?? 0) === 0) {
    return <NoTraffic route={route} />
  }
  return (
    <Stack gap="lg">
      <Section title="What differs, by cause" label="Causes" action={noise}>
        <CauseTable causes={causes} />
      </Section>
      <Section title="Endpoints">
        <EndpointTable name={route.name} report={report} verdicts={verdicts} />
      </Section>
      {fields.length > 0 && (
        <Section title="Fields: how often each differs, in the shadow and in the control" label="Fields">
          <FieldTree fields={fields} />
        </Section>
      )}
      <Section title="Latency">
        <LatencyDistribution steps={latency.distribution} />
        <LatencyChart latency={latency} />
      </Section>
      <Section title="Coverage">
        <Funnel coverage={coverage} />
      </Section>
    </Stack>
  )
}

function Section(props: { title: string; label?: string; action?: ReactNode; children: ReactNode }) {
  const { title, label = title, action, children } = props
  return (
    <section aria-label={label}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{title}</Title>
        {action}
      </Group>
      {children}
    </section>
  )
}
