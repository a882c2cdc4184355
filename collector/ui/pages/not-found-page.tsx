import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import { Page } from '../parts/page.tsx'
import { pagePath } from '../paths.ts'

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <Text>
        The address leads nowhere.{' '}
        <Anchor component={Link} href={pagePath.routes()}>
          All routes
        </Anchor>
      </Text>
    </Page>
  )
}
