// One route: what the evidence says, its rules, its settings, what became of it over time. The tab is in the address.
import { Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import { useFeatures } from '../api/features.ts'
import { routeQuery } from '../api/queries.ts'
import type { Route } from '../api/types.ts'
import { visible } from '../parts/format.ts'
import { StateText } from '../parts/outcome.tsx'
import { Page } from '../parts/page.tsx'
import { ReportTab } from '../parts/report-tab.tsx'
import { RouteControls } from '../parts/route-controls.tsx'
import { RouteHistory } from '../parts/route-history.tsx'
import { RouteSettings } from '../parts/route-settings.tsx'
import { RulesTab } from '../parts/rules-tab.tsx'
import { Loadable } from '../parts/states.tsx'
import { targetText } from '../parts/target-text.ts'

export function RoutePage({ name }: { name: string }) {
  const { has } = useFeatures()
  const [params, setParams] = useSearchParams()
  const route = useQuery(routeQuery(name))
  const tabs = [
    { id: 'report', label: 'Report', isThere: true },
    { id: 'rules', label: 'Rules', isThere: has('get /api/v1/routes/{name}/rules') },
    { id: 'settings', label: 'Settings', isThere: true },
    { id: 'history', label: 'History', isThere: has('get /api/v1/routes/{name}/versions') },
  ].filter(({ isThere }) => isThere)
  const asked = params.get('tab')
  const tab = tabs.some(({ id }) => id === asked) ? asked : 'report'
  return (
    <Page title={name} heading={visible(name)}>
      <Loadable query={route} what="the route" lines={3}>
        {(data) => (
          <Stack gap="md">
            <Head route={data} />
            <RouteControls route={data} />
            <Tabs
              value={tab}
              keepMounted={false}
              onChange={(next) => setParams(next === 'report' ? {} : { tab: next ?? '' }, { replace: true })}
            >
              <Tabs.List>
                {tabs.map(({ id, label }) => (
                  <Tabs.Tab key={id} value={id}>
                    {label}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value="report" pt="md">
                <ReportTab route={data} />
              </Tabs.Panel>
              <Tabs.Panel value="rules" pt="md">
                <RulesTab name={name} />
              </Tabs.Panel>
              <Tabs.Panel value="settings" pt="md">
                <RouteSettings route={data} />
              </Tabs.Panel>
              <Tabs.Panel value="history" pt="md">
                <RouteHistory route={data} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        )}
      </Loadable>
    </Page>
  )
}

function Head({ route }: { route: Route }) {
  return (
    <Stack gap={2}>
      <Text className="u-wrap">
        <StateText state={route.state} label={`Traefik: ${route.state}`} />
        {route.reason && <Text span> · {visible(route.reason)}</Text>}
      </Text>
      <Text size="sm" className="u-wrap">
        {targetText(route.primary)} →{' '}
        {(route.shadows ?? []).map((shadow) => `${shadow.name}: ${targetText(shadow)}`).join(', ')}
      </Text>
      {route.rule && (
        <Text size="sm" c="dimmed" className="u-wrap u-mono">
          {visible(route.rule)}
        </Text>
      )}
    </Stack>
  )
}
