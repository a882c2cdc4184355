// The frame of every page: where one can go, how the whole is, light or dark.
import { AppShell, Burger, Button, Group, Text, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { readApi } from './api/client.ts'
import { type Feature, useFeatures } from './api/features.ts'
import { statusQuery } from './api/queries.ts'
import { useSession } from './api/session-gate.tsx'
import { StateText } from './parts/outcome.tsx'
import { Stale, useStaleness } from './parts/states.tsx'
import { apiPath, pagePath } from './paths.ts'

/** What is named here is shown only by a server that offers its `needs`. Pages to come have their line here. */
const places: { label: string; href: string; needs: Feature }[] = [
  { label: 'Routes', href: pagePath.routes(), needs: 'get /api/v1/routes' },
  { label: 'Comparisons', href: pagePath.comparisons(), needs: 'get /api/v1/comparisons' },
  { label: 'Live', href: pagePath.live(), needs: 'get /api/v1/events' },
  { label: 'Changes', href: pagePath.changes(), needs: 'get /api/v1/audit' },
  { label: 'Discovery', href: pagePath.discovery(), needs: 'get /api/v1/discovery' },
  { label: 'Pipeline', href: pagePath.pipeline(), needs: 'get /api/status' },
]

export function Frame({ children }: { children: ReactNode }) {
  const [isOpen, { toggle, close }] = useDisclosure()
  const status = useQuery(statusQuery)
  const failure = useStaleness(status)
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 190, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
      transitionDuration={0}
    >
      <a className="u-skip" href="#content">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Text fw={700}>Understudy</Text>
          </Group>
          <Group gap="sm" wrap="nowrap">
            {status.data && !failure && (
              <Link href={pagePath.pipeline()} className="u-nowrap">
                <StateText state={status.data.state} label={`Pipeline ${status.data.state}`} />
              </Link>
            )}
            <Scheme />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={isOpen ? undefined : 'u-folded'}>
        <AppShell.Section grow>
          <Navigation onGo={close} />
        </AppShell.Section>
        <LogOut />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {failure && status.data && <Stale since={status.dataUpdatedAt} error={failure} />}
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

function Navigation({ onGo }: { onGo: () => void }) {
  const [location] = useLocation()
  const { has } = useFeatures()
  return (
    <nav className="u-nav" aria-label="Pages">
      {places
        .filter(({ needs }) => has(needs))
        .map(({ label, href }) => (
          <Link key={href} href={href} onClick={onGo} aria-current={location.startsWith(href) ? 'page' : undefined}>
            {label}
          </Link>
        ))}
    </nav>
  )
}

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const next = colorScheme === 'auto' ? 'light' : colorScheme === 'light' ? 'dark' : 'auto'
  const signs = { auto: '◐', light: '☀', dark: '☾' }
  return (
    <Button
      size="compact-sm"
      variant="default"
      onClick={() => setColorScheme(next)}
      aria-label={`Colours: ${colorScheme}; change to ${next}`}
      title={`Colours: ${colorScheme}`}
    >
      {signs[colorScheme]}
    </Button>
  )
}

function LogOut() {
  const client = useQueryClient()
  const session = useSession()
  const logOut = useMutation({
    mutationFn: () => readApi(apiPath.session, { method: 'DELETE' }),
    // Nothing of what was shown may stay behind in this window.
    onSuccess: () => {
      client.clear()
      window.location.assign(pagePath.routes())
    },
  })
  if (!session?.required) return null
  return (
    <Button size="compact-sm" variant="default" onClick={() => logOut.mutate()} loading={logOut.isPending}>
      Log out
    </Button>
  )
}
