// What discovery proposes for routes that came by themselves: a control, so that their noise can be told from change.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useFeatures } from '../api/features.ts'
import { routesQuery } from '../api/queries.ts'
import { useRouteChange, whyNotEditable } from '../api/route-change.ts'
import type { Discovery } from '../api/types.ts'
import { visible } from './format.ts'

type Proposal = Discovery['proposals'][number]

export function ControlProposals({ proposals }: { proposals: Proposal[] }) {
  return (
    <section aria-label="Proposals">
      <Title order={2} mb="xs">
        Proposed
      </Title>
      <Stack gap="sm">
        {proposals.map((proposal) => (
          <ControlProposal key={`${proposal.route} ${proposal.field}`} proposal={proposal} />
        ))}
      </Stack>
    </section>
  )
}

function ControlProposal({ proposal: { route: name, field, value, reason } }: { proposal: Proposal }) {
  const features = useFeatures()
  const route = useQuery(routesQuery).data?.items.find((each) => each.name === name)
  const { change } = useRouteChange()
  const why = route && whyNotEditable(route, features)
  const accept = () =>
    route && change.mutate({ route, patch: { [field]: value }, what: `${name} has a ${field} of ${value} % now` })
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} className="u-wrap">
          <Text>
            <strong>{visible(name)}</strong>: {field} {value} %
          </Text>
          <Text size="sm">{visible(reason)}</Text>
          {why && (
            <Text size="sm" c="dimmed">
              {why}
            </Text>
          )}
        </Stack>
        <Button onClick={accept} loading={change.isPending} disabled={!route || why !== undefined}>
          Accept
        </Button>
      </Group>
    </Paper>
  )
}
