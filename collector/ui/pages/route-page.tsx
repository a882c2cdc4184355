import { Page } from '../parts/page.tsx'
export function RoutePage({ name }: { name: string }) {
  return <Page title={name}>-</Page>
}
