// What to do where nothing was compared yet: the command that makes traffic, with the proxy's own port.
import { Code, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { discoveryQuery } from '../api/queries.ts'
import type { Route } from '../api/types.ts'
import { Empty, Loading } from './states.tsx'
import { trafficCommand } from './traffic-command.ts'

/** What `npm start` gives Traefik. */
const usualPort = '8000'

export function NoTraffic({ route }: { route: Pick<Route, 'rule' | 'share'> }) {
  const discovery = useQuery(discoveryQuery)
  // A command with another port than the proxy's would be wrong for a moment.
  if (discovery.isPending) return <Loading what="the proxy's address" lines={3} />
  const entryPoints = discovery.data?.entryPoints ?? []
  const entry = entryPoints.find(({ isDefault }) => isDefault) ?? entryPoints.find(({ name }) => name !== 'traefik')
  const port = /:(\d+)(?:\/tcp)?$/.exec(entry?.address ?? '')?.[1] ?? usualPort
  return (
    <Empty title="No traffic yet">
      <Text size="sm">Requests that pass through Traefik show up here within seconds. This makes some:</Text>
      <Code block>{trafficCommand(route, `http://${window.location.hostname}:${port}`)}</Code>
    </Empty>
  )
}
