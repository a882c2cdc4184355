// What one does most often with a route: more or less share, off and on.
import { Button, Group, Paper, Slider, Stack, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useFeatures } from '../api/features.ts'
import { overviewQuery } from '../api/queries.ts'
import { useRouteChange, whyNotEditable } from '../api/route-change.ts'
import type { Route } from '../api/types.ts'
import { ShareDialog } from './share-dialog.tsx'
import { needsTypedName } from './typed-name.tsx'

const leastShare = 0.01

export function RouteControls({ route }: { route: Route }) {
  const features = useFeatures()
  const why = features.isKnown ? whyNotEditable(route, features) : undefined
  const { change } = useRouteChange()
  const share = route.share ?? 0
  const [wanted, setWanted] = useState(share)
  const [isAsking, setAsking] = useState(false)
  useEffect(() => setWanted(share), [share])
  const isOn = route.enabled !== false
  const setShare = (value: number) =>
    change.mutate(
      { route, patch: { share: value }, what: `${route.name} mirrors ${value} % of its requests now` },
      { onSettled: () => setAsking(false) },
    )
  const effect = <Effect name={route.name} share={share} wanted={wanted} />
  const setEnabled = (enabled: boolean) =>
    change.mutate({
      route,
      patch: { enabled },
      what: enabled ? `${route.name} is mirrored again` : `${route.name} is no longer mirrored`,
    })
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" align="center">
          <Text fw={600} id="share-label">
            Share: {wanted} %
          </Text>
          <Switch
            label="Shadow on"
            checked={isOn}
            disabled={why !== undefined || change.isPending}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
        </Group>
        <Slider
          aria-labelledby="share-label"
          thumbLabel="Share in percent"
          min={0}
          max={100}
          step={1}
          value={wanted}
          onChange={(value) => setWanted(Math.max(leastShare, value))}
          disabled={why !== undefined || !isOn}
          label={null}
          marks={[1, 10, 25, 50, 100].map((value) => ({ value }))}
        />
        <Group justify="space-between" mih={36}>
          {effect}
          {wanted !== share && (
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => setWanted(share)}>
                Back to {share} %
              </Button>
              <Button
                size="xs"
                loading={change.isPending}
                onClick={() => (needsTypedName(share, wanted) ? setAsking(true) : setShare(wanted))}
              >
                Mirror {wanted} %
              </Button>
            </Group>
          )}
        </Group>
        {why && (
          <Text size="sm" c="dimmed">
            {why}
          </Text>
        )}
      </Stack>
      {isAsking && (
        <ShareDialog
          name={route.name}
          share={share}
          wanted={wanted}
          effect={effect}
          isPending={change.isPending}
          onConfirm={() => setShare(wanted)}
          onClose={() => setAsking(false)}
        />
      )}
    </Paper>
  )
}

/** What the share would mean, by what came lately. */
function Effect({ name, share, wanted }: { name: string; share: number; wanted: number }) {
  const { data } = useQuery(overviewQuery)
  const counts = data?.items.find((each) => each.route === name)
  const recent = counts?.trend.slice(-3) ?? []
  const pairs = recent.reduce((sum, step) => sum + step.pairs, 0)
  if (!data || recent.length === 0 || pairs === 0 || share === 0)
    return <Text size="sm">Of the requests that the route's rule and methods take.</Text>
  const perMinute = pairs / ((recent.length * data.bucketSeconds) / 60)
  const then = (perMinute / share) * wanted
  return (
    <Text size="sm" role="status">
      About {rounded(perMinute)} pairs a minute now{wanted !== share && `, about ${rounded(then)} with ${wanted} %`}.
    </Text>
  )
}

function rounded(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1)
}
