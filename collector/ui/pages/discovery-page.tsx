// What was found in Traefik, which services pair by their names, and what is wrong with that, with its mend.
import { Alert, Anchor, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { discoveryQuery } from '../api/queries.ts'
import type { Discovery } from '../api/types.ts'
import { ControlProposals } from '../parts/control-proposals.tsx'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { visible } from '../parts/format.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Loadable } from '../parts/states.tsx'
import { pagePath } from '../paths.ts'

type Pair = Discovery['pairs'][number]
const signs = { paired: '✓', ambiguous: '?', unpaired: '○' }

const pairColumns: Column<Pair>[] = [
  {
    id: 'shadow',
    label: 'Shadow',
    cell: ({ shadow }) => <span className="u-wrap u-mono">{visible(shadow)}</span>,
  },
  {
    id: 'primary',
    label: 'Primary',
    cell: ({ primary, candidates }) => (
      <span className="u-wrap u-mono">
        {visible(primary ?? (candidates.length > 0 ? `one of ${candidates.join(', ')}` : '–'))}
      </span>
    ),
  },
  {
    id: 'state',
    label: 'State',
    cell: ({ state, reason }) => (
      <>
        <strong>
          <span aria-hidden="true">{signs[state] ?? ''} </span>
          {state}
        </strong>
        {reason && (
          <Text size="sm" className="u-wrap">
            {visible(reason)}
          </Text>
        )}
      </>
    ),
  },
  {
    id: 'route',
    label: 'Route',
    cell: ({ route }) =>
      route ? (
        <Anchor component={Link} href={pagePath.route(route)}>
          {route}
        </Anchor>
      ) : (
        '–'
      ),
  },
]

export function DiscoveryPage() {
  const query = useQuery(discoveryQuery)
  return (
    <Page title="Discovery">
      <Loadable query={query} what="what was discovered" lines={10}>
        {(found) => <Found found={found} />}
      </Loadable>
    </Page>
  )
}

function Found({ found }: { found: Discovery }) {
  const { traefiks, docker, pairs, problems, routers, services, proposals } = found
  return (
    <Stack gap="lg">
      {problems.map(({ where, what, mend }) => (
        <Alert key={`${where} ${what}`} color="yellow" variant="outline" title={visible(where)}>
          <Text size="sm" className="u-wrap">
            {visible(what)}
          </Text>
          {mend && (
            <Text size="sm" fw={600} className="u-wrap">
              {visible(mend)}
            </Text>
          )}
        </Alert>
      ))}
      <Stack gap={2}>
        {traefiks.map(({ url, version, reachable, confirmed, detail }) => (
          <Text key={url} size="sm" className="u-wrap">
            Traefik {version ?? ''} at {visible(url)}:{' '}
            {reachable
              ? confirmed
                ? 'runs what was rendered'
                : 'does not run what was rendered (yet)'
              : 'not reachable'}
            {detail && ` · ${visible(detail)}`}
          </Text>
        ))}
        {docker && (
          <Text size="sm" className="u-wrap">
            Docker at {visible(docker.host)}:{' '}
            {docker.reachable ? `${docker.containers} containers` : visible(docker.detail)}
          </Text>
        )}
        {problems.length === 0 && <Text size="sm">Nothing is wrong with what was found.</Text>}
      </Stack>
      {proposals.length > 0 && <ControlProposals proposals={proposals} />}
      <section>
        <Title order={2} mb="xs">
          Pairs
        </Title>
        {pairs.length === 0 ? (
          <Empty title="No shadow was found by its name">
            A service named X-shadow pairs with X. Routes of the routes file and of this UI name their services
            themselves.
          </Empty>
        ) : (
          <DataTable
            caption="Pairs"
            rows={pairs}
            columns={pairColumns}
            rowKey={(pair) => `${pair.primary} ${pair.shadow} ${pair.variant}`}
          />
        )}
      </section>
      <section>
        <Title order={2} mb="xs">
          Routers in Traefik
        </Title>
        <DataTable
          caption="Routers"
          rows={routers}
          rowKey={({ name }) => name}
          columns={[
            { id: 'name', label: 'Router', cell: ({ name }) => <span className="u-wrap">{visible(name)}</span> },
            { id: 'rule', label: 'Rule', cell: ({ rule }) => <span className="u-wrap u-mono">{visible(rule)}</span> },
            { id: 'service', label: 'Service', cell: ({ service }) => visible(service) },
            {
              id: 'status',
              label: 'Status',
              cell: ({ status, errors }) => visible([status, ...errors].join(': ')),
            },
          ]}
        />
      </section>
      <section>
        <Title order={2} mb="xs">
          Services in Traefik
        </Title>
        <DataTable
          caption="Services"
          rows={services}
          rowKey={({ name }) => name}
          columns={[
            { id: 'name', label: 'Service', cell: ({ name }) => <span className="u-wrap">{visible(name)}</span> },
            { id: 'provider', label: 'Provider', cell: ({ provider }) => provider },
            {
              id: 'servers',
              label: 'Servers',
              cell: ({ servers }) => (
                <span className="u-wrap">
                  {visible(
                    Object.entries(servers)
                      .map(([url, state]) => `${url} ${state}`)
                      .join(', ') || '–',
                  )}
                </span>
              ),
            },
            { id: 'status', label: 'Status', cell: ({ status }) => status },
          ]}
        />
      </section>
    </Stack>
  )
}
