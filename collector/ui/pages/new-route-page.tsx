import { Page } from '../parts/page.tsx'
export function NewRoutePage() {
  return <Page title="New route">-</Page>
}
