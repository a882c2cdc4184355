// One page: its title (in the window too), what can be done on it, and its content.
import { Group, Stack, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

export function Page(props: { title: string; heading?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const { title, heading, actions, children } = props
  useEffect(() => {
    document.title = `${title} · Understudy`
  }, [title])
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Title order={1} className="u-wrap">
          {heading ?? title}
        </Title>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}
