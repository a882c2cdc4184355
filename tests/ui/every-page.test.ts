// Every page in light, dark and on a narrow screen: what it has to say is there, axe has nothing against it, and a
// picture of it is kept.
import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { axeFindings, demoDifference, isTooWide, shoot, useBrowser } from './ui-pages.ts'

const { open } = useBrowser()

type Shown = {
  name: string
  path: () => Promise<string> | string
  isThere: (page: Page) => Promise<unknown>
  /** The editor draws what is in the window: on its page, all of it. */
  height?: number
}

const pages: Shown[] = [
  {
    name: 'routes',
    path: () => '/routes',
    isThere: (page) => page.getByText(/^of [\d,]+ pairs?$/).waitFor(),
  },
  {
    name: 'comparisons',
    path: () => '/comparisons?outcome=different',
    isThere: (page) => page.getByText('/items/5').first().waitFor(),
  },
  {
    name: 'comparison',
    path: demoDifference,
    isThere: (page) => page.locator('.cm-content').first().waitFor(),
    height: 3200,
  },
  {
    name: 'route-report',
    path: () => '/routes/ticketing',
    isThere: (page) => page.getByRole('heading', { name: 'Latency' }).waitFor(),
  },
  {
    name: 'route-rules',
    path: () => '/routes/ticketing?tab=rules',
    isThere: (page) => page.getByRole('button', { name: 'New rule' }).waitFor(),
  },
  {
    name: 'route-settings',
    path: () => '/routes/ticketing?tab=settings',
    isThere: (page) => page.getByLabel('Time-out (ms)').waitFor(),
  },
  {
    name: 'route-history',
    path: () => '/routes/ticketing?tab=history',
    isThere: (page) => page.getByRole('region', { name: 'Versions' }).waitFor(),
  },
  {
    name: 'route-new',
    path: () => '/routes/new',
    isThere: (page) => page.getByLabel('Time-out (ms)').waitFor(),
  },
  {
    name: 'changes',
    path: () => '/changes',
    isThere: (page) => page.getByText('route.created').first().waitFor(),
  },
  {
    name: 'discovery',
    path: () => '/discovery',
    isThere: (page) => page.getByRole('region', { name: 'Routers' }).waitFor(),
  },
  { name: 'live', path: () => '/live', isThere: (page) => page.getByRole('log').waitFor() },
  {
    name: 'pipeline',
    path: () => '/pipeline',
    isThere: (page) => page.getByText(/of the expected pairs were compared/).waitFor(),
  },
]

const looks = [
  { look: 'light', scheme: 'light', width: 1280 },
  { look: 'dark', scheme: 'dark', width: 1280 },
  { look: '360px', scheme: 'light', width: 360 },
] as const

describe.each(pages)('the page $name', ({ name, path, isThere, height = 900 }) => {
  it('is whole and accessible in light, in dark and at 360 px', async () => {
    const page = await open(await path())
    for (const { look, scheme, width } of looks) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height })
      await isThere(page)
      await shoot(page, `${name}-${look}`)
      expect({ look, found: await axeFindings(page) }).toEqual({ look, found: [] })
      expect({ look, isTooWide: await isTooWide(page) }).toEqual({ look, isTooWide: false })
    }
  })
})
