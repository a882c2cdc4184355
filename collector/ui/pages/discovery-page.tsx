import { Page } from '../parts/page.tsx'
export function DiscoveryPage() {
  return <Page title="Discovery">-</Page>
}
