// What every page stands in: theme, data, session, frame; and which page an address is.
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { Redirect, Route, Switch } from 'wouter'
import { queryClient } from './api/query-client.ts'
import { SessionGate } from './api/session-gate.tsx'
import { Frame } from './frame.tsx'
import { ChangesPage } from './pages/changes-page.tsx'
import { ComparisonPage } from './pages/comparison-page.tsx'
import { ComparisonsPage } from './pages/comparisons-page.tsx'
import { DiscoveryPage } from './pages/discovery-page.tsx'
import { LivePage } from './pages/live-page.tsx'
import { NewRoutePage } from './pages/new-route-page.tsx'
import { NotFoundPage } from './pages/not-found-page.tsx'
import { PipelinePage } from './pages/pipeline-page.tsx'
import { RoutePage } from './pages/route-page.tsx'
import { RoutesPage } from './pages/routes-page.tsx'
import { Messages } from './parts/messages.tsx'
import { decoded } from './paths.ts'
import { styleNonce, theme, themeVariables } from './theme.ts'

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={themeVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Messages>
          <SessionGate>
            <Frame>
              <Pages />
            </Frame>
          </SessionGate>
        </Messages>
      </QueryClientProvider>
    </MantineProvider>
  )
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/routes" replace />
      </Route>
      <Route path="/routes" component={RoutesPage} />
      <Route path="/routes/new" component={NewRoutePage} />
      <Route path="/routes/:name">{({ name }) => <RoutePage key={name} name={decoded(name)} />}</Route>
      <Route path="/comparisons" component={ComparisonsPage} />
      <Route path="/comparisons/:id">{({ id }) => <ComparisonPage key={id} id={decoded(id)} />}</Route>
      <Route path="/live" component={LivePage} />
      <Route path="/changes" component={ChangesPage} />
      <Route path="/discovery" component={DiscoveryPage} />
      <Route path="/pipeline" component={PipelinePage} />
      <Route component={NotFoundPage} />
    </Switch>
  )
}
