// Every list in every state; what a person typed survives whatever the server does.
import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { waitUntil } from '../helpers/wait-until.ts'
import { demoRoute, patchDemoRoute, shoot, useBrowser } from './ui-pages.ts'
import { ADMIN_TOKEN } from './ui-stack.ts'

const { open } = useBrowser()
const api = /\/api\//

describe('a list', () => {
  it('says that it loads, then shows what there is', async () => {
    const page = await open('/pipeline')
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    await page.route(/\/api\/v1\/comparisons/, async (route) => {
      await held
      await route.continue()
    })
    await page.getByRole('link', { name: 'Comparisons' }).click()
    await page.getByRole('status', { name: 'Loading comparisons' }).waitFor()
    release()
    await page
      .getByRole('link', { name: /GET \/api\/ticketing/ })
      .first()
      .waitFor()
  })

  it('says that nothing fits, and by which filters', async () => {
    const page = await open('/comparisons?endpoint=GET%20%2Fnowhere-at-all')
    await page.getByText('No comparison fits').waitFor()
    expect(await page.getByLabel('Endpoint').inputValue()).toBe('GET /nowhere-at-all')
    await shoot(page, 'comparisons-empty')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page
      .getByRole('link', { name: /GET \/api\/ticketing/ })
      .first()
      .waitFor()
    expect(new URL(page.url()).search).toBe('')
  })

  it('says what failed in words of the API, and tries again when asked', async () => {
    const page = await open('/pipeline')
    const detail = 'the database does not answer; GET /readyz names what is down'
    await page.route(/\/api\/v1\/comparisons/, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'A part that is needed is away', status: 503, detail, requestId: 'r-1' }),
      }),
    )
    await page.getByRole('link', { name: 'Comparisons' }).click()
    await page.getByText(detail).waitFor()
    await shoot(page, 'comparisons-failed')
    await page.unroute(/\/api\/v1\/comparisons/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page
      .getByRole('link', { name: /GET \/api\/ticketing/ })
      .first()
      .waitFor()
  })

  it('shows what it has, and since when, while the collector is away', async () => {
    const page = await open('/routes')
    await page.getByText(/^of [\d,]+ pairs?$/).waitFor()
    await page.route(api, (route) => route.abort())
    await page
      .getByText(/Shown as of .* the collector does not answer/)
      .first()
      .waitFor()
    await page.getByRole('link', { name: 'ticketing' }).waitFor()
    await shoot(page, 'routes-stale')
    await page.unroute(api)
    await page.getByText('Not up to date').first().waitFor({ state: 'detached' })
  })

  it('says so while the collector answers slowly, and since when', async () => {
    const page = await open('/routes')
    await page.getByText(/^of [\d,]+ pairs?$/).waitFor()
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    await page.route(api, async (route) => {
      await held
      await route.continue().catch(() => undefined)
    })
    await page
      .getByText(/Shown as of .* takes long to answer/)
      .first()
      .waitFor()
    release()
    await page.getByText('Not up to date').first().waitFor({ state: 'detached' })
  })

  it('keeps its filters in the address, so that a link shows the same', async () => {
    const page = await open('/comparisons')
    await page.getByRole('combobox', { name: 'Outcome' }).click()
    await page.getByRole('option', { name: 'different' }).click()
    await page.waitForURL(/outcome=different/)
    await page
      .getByRole('link', { name: /\/api\/ticketing/ })
      .first()
      .waitFor()
    const shown = async (on: Page) => (await on.locator('td .u-outcome').allInnerTexts()).map((text) => text.trim())
    expect(new Set(await shown(page))).toEqual(new Set(['≠ different']))
    const other = await open(new URL(page.url()).pathname + new URL(page.url()).search)
    await other
      .getByRole('link', { name: /\/api\/ticketing/ })
      .first()
      .waitFor()
    expect(new Set(await shown(other))).toEqual(new Set(['≠ different']))
  })
})

describe('the live page', () => {
  const newOnes = /^Show [\d,]+ new comparisons?$/

  it('holds new comparisons back while it is paused, and while a person reads further down', async () => {
    const page = await open('/live', { height: 420 })
    const rows = page.locator('.u-live tbody tr')
    await rows.nth(9).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: newOnes }).waitFor()
    const newest = () => rows.first().getByRole('link').first().getAttribute('href')
    const held = await newest()
    await page.getByRole('button', { name: newOnes }).click()
    await waitUntil(async () => (await newest()) !== held, { what: 'what was held back' })

    const list = page.getByRole('log')
    await list.evaluate((element: { scrollTop: number }) => {
      element.scrollTop = 120
    })
    await page.getByRole('button', { name: newOnes }).waitFor()
    expect(await list.evaluate((element: { scrollTop: number }) => element.scrollTop)).toBe(120)
  })
})

describe('the keyboard', () => {
  it('skips to the content, and opens a comparison', async () => {
    const page = await open('/comparisons?outcome=different')
    await page
      .getByRole('link', { name: /\/api\/ticketing/ })
      .first()
      .waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await page
      .getByRole('link', { name: /\/api\/ticketing/ })
      .first()
      .focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What differs' }).waitFor()
  })
})

describe('what a person types', () => {
  it('outlives the end of the session', async () => {
    const page = await open('/routes/ticketing?tab=settings')
    const control = page.getByLabel('Control (%)')
    await control.fill('7')
    await page.context().clearCookies()
    await page.getByText('Your session has ended').waitFor()
    await shoot(page, 'session-ended')
    await page.getByLabel('Admin token', { exact: true }).fill(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByText('Your session has ended').waitFor({ state: 'detached' })
    expect(await control.inputValue()).toBe('7')
    await page.getByRole('button', { name: 'Review the change' }).click()
    await page.getByRole('dialog').getByText(/^\+/).first().waitFor()
  })

  it('is shown beside what somebody else saved meanwhile, and loses neither', async () => {
    const before = await demoRoute()
    const page = await open('/routes/ticketing?tab=settings')
    await page.getByLabel('Control (%)').fill('8')
    await patchDemoRoute({ share: 61 })
    await page.getByText('Someone else has changed this route meanwhile').waitFor()
    await page.getByText(/share .* → 61/).waitFor()
    await page.getByText('control → 8').waitFor()
    await shoot(page, 'conflict')
    await page.getByRole('button', { name: 'Lay mine over theirs' }).click()
    await page.getByRole('button', { name: 'Review the change' }).click()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('ticketing is changed').waitFor()
    expect(await demoRoute()).toMatchObject({ share: 61, control: 8 })
    await patchDemoRoute({ share: before.share, control: before.control })
  })

  it('is refused in the words of the API, at its field', async () => {
    const page = await open('/routes/ticketing?tab=settings')
    await page.getByLabel('Share (%)').fill('100.5')
    await page.getByRole('button', { name: 'Review the change' }).click()
    await page
      .getByText(/expected a number from 0.01 to 100/)
      .first()
      .waitFor()
  })
})
