// What discovery proposes for routes that came by themselves: a control, so that their noise can be told from change.
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useControlChange } from '../api/control-change.ts'
import { type Features, useFeatures } from '../api/features.ts'
import { routesQuery } from '../api/queries.ts'
import { useRouteChange, whyNotEditable } from '../api/route-change.ts'
import type { Discovery, Route } from '../api/types.ts'
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
  const ofLabels = useControlChange(name)
  const why = route && whyNotAcceptable(route, features)
  const accept = useMutation({
    mutationFn: async (of: Route) => {
      if (of.managedBy === 'label') await ofLabels.accept({ percent: value })
      else change.mutate({ route: of, patch: { [field]: value }, what: `${name} has a ${field} of ${value} % now` })
    },
  })
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
        <Button
          onClick={() => route && accept.mutate(route)}
          loading={accept.isPending || change.isPending}
          disabled={!route || why !== undefined}
        >
          Accept
        </Button>
      </Group>
    </Paper>
  )
}

/** The labels of a route cannot be changed from here, but what is accepted is kept beside them. */
function whyNotAcceptable(route: Route, features: Features): string | undefined {
  if (route.managedBy === 'label' && features.has('post /api/v1/routes/{name}/control/accept')) return undefined
  return whyNotEditable(route, features)
}
