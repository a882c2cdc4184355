// Rules of a route: what the control proposes with its evidence, what holds, who made it and why, and what noise it saw.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readApi } from '../api/client.ts'
import { useFeatures } from '../api/features.ts'
import { rulesQuery } from '../api/queries.ts'
import { useRuleChange } from '../api/rule-change.ts'
import type { Noise, Proposal, Rule } from '../api/types.ts'
import { apiPath } from '../paths.ts'
import { pathText } from './comparison-table.tsx'
import { type Column, DataTable } from './data-table.tsx'
import { count, percent, plural, valueText, visible } from './format.ts'
import { RuleDialog } from './rule-dialog.tsx'
import { placeText, treatText } from './rule-text.ts'
import { Empty, Loadable } from './states.tsx'
import { Time } from './time.tsx'

export function RulesTab({ name }: { name: string }) {
  const rules = useQuery(rulesQuery(name))
  const { has } = useFeatures()
  const [isAdding, setAdding] = useState(false)
  return (
    <Loadable query={rules} what="rules">
      {({ items, proposals, noise }) => (
        <Stack gap="lg">
          {proposals.length > 0 && (
            <section aria-label="Proposals">
              <Title order={2} mb="xs">
                Proposed by the control
              </Title>
              <Stack gap="sm">
                {proposals.map((proposal) => (
                  <ProposalCard key={proposal.id} name={name} proposal={proposal} />
                ))}
              </Stack>
            </section>
          )}
          <section aria-label="Rules">
            <Group justify="space-between" mb="xs">
              <Title order={2}>Rules</Title>
              {has('post /api/v1/routes/{name}/rules') && (
                <Button variant="default" onClick={() => setAdding(true)}>
                  New rule
                </Button>
              )}
            </Group>
            <RuleTable name={name} rules={items} />
          </section>
          {noise.length > 0 && (
            <section aria-label="Noise">
              <Title order={2} mb="xs">
                Learned noise
              </Title>
              <Text size="sm" c="dimmed" mb="xs">
                The primary differs from itself here. Differences of the shadow at these places are noise without any
                rule.
              </Text>
              <NoiseTable noise={noise} />
            </section>
          )}
          {isAdding && <RuleDialog name={name} onClose={() => setAdding(false)} />}
        </Stack>
      )}
    </Loadable>
  )
}

function ProposalCard({ name, proposal }: { name: string; proposal: Proposal }) {
  const rules = useRuleChange(name)
  const { has } = useFeatures()
  const accept = useMutation({
    mutationFn: () => readApi<Rule>(apiPath.acceptProposal(name, proposal.id), { method: 'POST' }),
    onSuccess: (made) => rules.made(`The rule on ${placeText(proposal.rule)} holds from now on`, made),
    onError: (error) => rules.failed('Not accepted', error),
  })
  const { evidence } = proposal
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} className="u-wrap">
          <strong className="u-mono">{visible(placeText(proposal.rule))}</strong>
          <Text size="sm">
            as {treatText(proposal.rule.treat)}: {visible(proposal.reason)}
          </Text>
          <Text size="sm" c="dimmed">
            {count(evidence.differing)} of {plural(evidence.pairs, 'control pair')} differ ({evidence.kind})
          </Text>
          {(evidence.examples ?? []).slice(0, 2).map((example) => (
            <div key={JSON.stringify(example)} className="u-captured">
              {exampleText(example)}
            </div>
          ))}
        </Stack>
        {has('post /api/v1/routes/{name}/rules/proposals/{id}/accept') && (
          <Button onClick={() => accept.mutate()} loading={accept.isPending}>
            Accept
          </Button>
        )}
      </Group>
    </Paper>
  )
}

function exampleText(example: unknown): string {
  if (typeof example !== 'object' || example === null) return valueText(example)
  const { primary, control } = example as { primary?: unknown; control?: unknown }
  return `${valueText(primary)} → ${valueText(control)}`
}

function RuleTable({ name, rules }: { name: string; rules: Rule[] }) {
  const changes = useRuleChange(name)
  const { has } = useFeatures()
  const remove = useMutation({
    mutationFn: ({ id }: Rule) => changes.remove(id),
    onSuccess: (_answer, { rule }) =>
      changes.removed(`The rule on ${placeText(rule)} is gone: what it covered counts again`, rule),
    onError: (error) => changes.failed('Not taken away', error),
  })
  if (rules.length === 0) {
    return (
      <Empty title="No rules">
        Open a comparison and choose “Ignore this field” where a difference means nothing, or write one here.
      </Empty>
    )
  }
  const columns: Column<Rule>[] = [
    {
      id: 'rule',
      label: 'Rule',
      cell: ({ rule, comment, state }) => (
        <Stack gap={0} className="u-wrap">
          <strong className="u-mono">{visible(placeText(rule))}</strong>
          <Text size="sm">
            {treatText(rule.treat)}
            {state === 'expired' && <strong className="u-incomplete"> · expired</strong>}
          </Text>
          {comment && (
            <Text size="sm" c="dimmed">
              {visible(comment)}
            </Text>
          )}
        </Stack>
      ),
    },
    { id: 'hides', label: 'Covers', isNumber: true, cell: ({ hides }) => plural(hides, 'pair') },
    {
      id: 'who',
      label: 'By',
      cell: ({ owner, createdBy, createdAt }) => (
        <>
          {visible(owner ?? createdBy ?? '–')} <Time at={createdAt} />
        </>
      ),
    },
    { id: 'until', label: 'Until', cell: ({ until }) => untilText(until) },
    {
      id: 'remove',
      label: 'Change',
      cell: (rule) =>
        rule.managedBy === 'file' ? (
          <Text size="sm">in the routes file</Text>
        ) : has('delete /api/v1/routes/{name}/rules/{id}') ? (
          <Button size="compact-sm" variant="default" onClick={() => remove.mutate(rule)}>
            Take away
          </Button>
        ) : (
          '–'
        ),
    },
  ]
  return <DataTable caption="Rules" rows={rules} columns={columns} rowKey={({ id }) => id} />
}

function untilText(until: Rule['until']): string {
  if (until === null) return 'no end'
  return typeof until === 'string' ? until : `version ${until.version}`
}

function NoiseTable({ noise }: { noise: Noise[] }) {
  return (
    <DataTable
      caption="Learned noise"
      rows={noise}
      rowKey={({ endpoint, path, kind }) => `${endpoint} ${path} ${kind}`}
      columns={[
        {
          id: 'path',
          label: 'Field',
          cell: ({ path, endpoint }) => (
            <>
              <span className="u-mono">{pathText(path)}</span>{' '}
              <Text span size="xs" c="dimmed">
                {visible(endpoint)}
              </Text>
            </>
          ),
        },
        { id: 'kind', label: 'Kind', cell: ({ kind }) => kind },
        { id: 'rate', label: 'Differs in', isNumber: true, cell: ({ controlRate }) => percent(controlRate) },
        { id: 'pairs', label: 'Control pairs', isNumber: true, cell: ({ pairs }) => count(pairs) },
      ]}
    />
  )
}
