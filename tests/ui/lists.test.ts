// Lists, and the frame around every page, on the running stack.
import { describe, expect, it } from '@jest/globals'
import { waitUntil } from '../helpers/wait-until.ts'
import { ask, useBrowser } from './ui-pages.ts'

const { open } = useBrowser()

describe('lists and the frame', () => {
  it('go on, are read anew, are sorted, and lead to the live page with their filters', async () => {
    // The list is read once: it has to be long enough by then.
    await waitUntil(async () => {
      const { items } = await ask<{ items: unknown[] }>('/api/v1/comparisons?route=ticketing&limit=51')
      return items.length === 51
    }, 180_000)
    const page = await open('/comparisons?route=ticketing')
    const rows = page.locator('tbody tr')
    await rows.nth(49).waitFor()
    await page.getByRole('button', { name: 'Show more', exact: true }).click()
    await rows.nth(50).waitFor()
    const answered = page.waitForResponse(/\/api\/v1\/comparisons\?/)
    await page.getByRole('button', { name: 'Refresh', exact: true }).click()
    expect((await answered).status()).toBe(200)
    await page.getByRole('link', { name: 'Watch live' }).click()
    await page.waitForURL(/\/live\?route=ticketing/)
    await page.getByText('Listening').waitFor()

    await page.getByRole('link', { name: 'Routes' }).click()
    await page.getByRole('link', { name: 'ticketing' }).click()
    await page.getByRole('region', { name: 'Endpoints' }).first().getByRole('button', { name: 'Pairs' }).click()
    await page.locator('th[aria-sort="descending"]', { hasText: 'Pairs' }).waitFor()
    const asked = page.waitForResponse(/report\?include=noise/)
    await page.getByRole('switch', { name: 'Show noise too' }).click()
    expect((await asked).status()).toBe(200)
  })

  it('tell the coverage of every route in one question', async () => {
    const page = await open('/live')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.getByRole('link', { name: 'Pipeline', exact: true }).click()
    await page
      .getByText(/of the expected pairs were compared/)
      .first()
      .waitFor()
    expect(asked).toContain('/api/v1/overview')
    expect(asked.filter((path) => path.endsWith('/report'))).toEqual([])
  })

  it('fold away on a narrow screen, and keep the colours that were chosen', async () => {
    const page = await open('/routes', { width: 360 })
    await page.getByRole('link', { name: 'Pipeline', exact: true }).waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Pipeline', exact: true }).click()
    await page.getByRole('heading', { name: 'Pipeline' }).waitFor()
    await page.getByRole('button', { name: /^Colours: auto/ }).click()
    await page.getByRole('button', { name: /^Colours: light/ }).click()
    await page.reload()
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor()
    expect(await page.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe('dark')
  })
})
