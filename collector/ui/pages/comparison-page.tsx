// One comparison in full: what differs, both answers side by side, and what one can do about it.
import { Alert, Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { readApi } from '../api/client.ts'
import { useFeatures } from '../api/features.ts'
import { comparisonQuery } from '../api/queries.ts'
import type { Comparison, Difference, SideInFull } from '../api/types.ts'
import { Bodies } from '../parts/bodies.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { DifferenceList } from '../parts/difference-list.tsx'
import { bytes, cut, millis, visible } from '../parts/format.ts'
import { HeadersCompare } from '../parts/headers-compare.tsx'
import { OutcomeText } from '../parts/outcome.tsx'
import { Page } from '../parts/page.tsx'
import { ReplayButton } from '../parts/replay-button.tsx'
import { RuleDialog } from '../parts/rule-dialog.tsx'
import { ruleAt } from '../parts/rule-text.ts'
import { Loadable } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { apiPath, pagePath } from '../paths.ts'

export function ComparisonPage({ id }: { id: string }) {
  const query = useQuery(comparisonQuery(id))
  const title = query.data ? `${query.data.method} ${cut(visible(query.data.path), 80)}` : 'Comparison'
  return (
    <Page title={title} heading={<span className="u-mono">{title}</span>} actions={<Actions id={id} />}>
      <Loadable query={query} what="the comparison" lines={12}>
        {(comparison) => <Content comparison={comparison} />}
      </Loadable>
    </Page>
  )
}

function Actions({ id }: { id: string }) {
  const { has } = useFeatures()
  return (
    <>
      <CopyButton label="Copy link" text={() => window.location.href} done="The link is copied" />
      {has('get /api/v1/comparisons/{id}/curl') && (
        <CopyButton
          label="Copy as curl"
          text={() => readApi<string>(apiPath.curl(id))}
          done="The command is copied: it asks the primary again"
        />
      )}
      {has('get /api/v1/comparisons/{id}/har') && (
        <Button variant="default" component="a" href={apiPath.har(id)} download={`${id}.har`}>
          HAR
        </Button>
      )}
      {has('post /api/v1/comparisons/{id}/replay') && <ReplayButton id={id} />}
    </>
  )
}

function Content({ comparison }: { comparison: Comparison }) {
  const { has } = useFeatures()
  const [ignored, setIgnored] = useState<Difference>()
  const canIgnore = has('post /api/v1/routes/{name}/rules')
  const { primary, shadow, notes, skipped } = comparison
  return (
    <>
      <Facts comparison={comparison} />
      {(skipped || notes.length > 0) && (
        <Alert color="yellow" variant="outline" title={skipped ? `Not captured: ${visible(skipped)}` : 'Notes'}>
          {notes.map((note) => (
            <Text key={note} size="sm" className="u-wrap">
              {visible(note)}
            </Text>
          ))}
        </Alert>
      )}
      <Title order={2}>What differs</Title>
      <DifferenceList
        differences={comparison.differences}
        counted={comparison.differenceCount}
        {...(canIgnore && {
          actionOf: (difference) =>
            difference.noise ? null : (
              <Button size="compact-xs" variant="default" onClick={() => setIgnored(difference)}>
                Ignore this field
              </Button>
            ),
        })}
      />
      <Title order={2}>Answers</Title>
      <div className="u-side-by-side">
        <SideFacts name="Primary" side={primary} other={shadow} />
        <SideFacts name={`Shadow (${comparison.variant})`} side={shadow} other={primary} />
      </div>
      <Title order={2}>Headers</Title>
      <HeadersCompare primary={primary} shadow={shadow} />
      <Title order={2}>Body</Title>
      <Bodies primary={primary} shadow={shadow} />
      {comparison.requestHeaders && <RequestHeaders headers={comparison.requestHeaders} />}
      {ignored && (
        <RuleDialog
          name={comparison.route}
          start={{ at: ruleAt(ignored.path), endpoint: comparison.endpoint }}
          onClose={() => setIgnored(undefined)}
        />
      )}
    </>
  )
}

function Facts({ comparison }: { comparison: Comparison }) {
  const { outcome, createdAt, route, variant, endpoint, exchangeId } = comparison
  return (
    <Group gap="md">
      <OutcomeText outcome={outcome} />
      <Text size="sm">
        <Anchor component={Link} href={pagePath.route(route)}>
          {route}
        </Anchor>{' '}
        · {variant} · <Time at={createdAt} />
      </Text>
      <Anchor
        component={Link}
        size="sm"
        href={pagePath.comparisons({ route, endpoint, outcome: outcome === 'match' ? undefined : outcome })}
        className="u-wrap u-mono"
      >
        {visible(endpoint)}
      </Anchor>
      <Text size="xs" c="dimmed" className="u-mono">
        exchange {exchangeId}
      </Text>
    </Group>
  )
}

function SideFacts({ name, side, other }: { name: string; side: SideInFull; other: SideInFull }) {
  const isOther = side.status !== other.status
  return (
    <Paper withBorder p="sm">
      <Text fw={600}>{name}</Text>
      <Stack gap={2} mt={4}>
        <Text size="sm">
          Status <strong className={isOther ? 'u-different' : ''}>{side.status ?? '–'}</strong>
          {isOther && <span className="u-different"> ≠</span>}
        </Text>
        <Text size="sm">Latency {millis(side.latencyMs)}</Text>
        <Text size="sm">Body {bytes(side.bodyBytes)}</Text>
      </Stack>
    </Paper>
  )
}

function RequestHeaders({ headers }: { headers: NonNullable<Comparison['requestHeaders']> }) {
  return (
    <details>
      <summary>The request's headers</summary>
      <pre className="u-captured">
        {Object.entries(headers)
          .map(([name, values]) => `${visible(name)}: ${visible(values.join(', '))}`)
          .join('\n')}
      </pre>
    </details>
  )
}
