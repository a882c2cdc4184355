// What trust.md lists as inputs to survive: 55 (content), 56 (an API that fails, and impatient hands), 57 (many eyes).
import { describe, expect, it } from '@jest/globals'
import type { Locator, Page } from 'playwright-core'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'
import { capture } from './capture.ts'
import { axeFindings, demoDifference, demoRoute, isTooWide, patchDemoRoute, useBrowser } from './ui-pages.ts'

const { open } = useBrowser()

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const oneRoute = /\/api\/v1\/routes\/ticketing(\?|$)/

describe('input 55, content', () => {
  it('a line of 5 MB and 50,000 differences: a page that can be read and scrolled', async () => {
    const id = await capture('{"fine":true}', '{"fine":false}')
    const page = await open('/comparisons')
    await page.route(/\/api\/v1\/comparisons\/./, async (route) => {
      const comparison = (await (await route.fetch()).json()) as { primary: object; shadow: object }
      const body = JSON.stringify(`${'x'.repeat(5_000_000)}<img src=x onerror=alert(1)>`)
      const differences = Array.from({ length: 50_000 }, (_, n) => ({
        ...{ path: `/items/${n}/price`, kind: 'changed', primary: n, shadow: n + 1, noise: false, rule: null },
      }))
      const json = {
        ...comparison,
        ...{ differences, differenceCount: 50_000 },
        primary: { ...comparison.primary, body, bodyBytes: body.length },
        shadow: { ...comparison.shadow, body: body.replace('x', 'y'), bodyBytes: body.length },
      }
      await route.fulfill({ json })
    })
    await page.goto(`/comparisons/${encodeURIComponent(id)}`)
    await page.locator('.cm-content').first().waitFor()
    expect(await page.locator('.u-differences > li').count()).toBe(50)
    expect(await isTooWide(page)).toBe(false)
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(5_000)
    await page.locator('.u-editor').hover()
    await page.mouse.wheel(0, 4_000)
    await waitUntil(
      async () => Number(await page.locator('.u-editor').evaluate((node: { scrollTop: number }) => node.scrollTop)) > 0,
      {
        withinMs: 60_000,
        everyMs: 100,
        what: 'the body to scroll',
      },
    )
  })

  it('binary and invalid UTF-8, as a tap ships them', async () => {
    const id = await capture('base64:AAECAw==', '\u0000\ufffd\udfff')
    const page = await open(`/comparisons/${encodeURIComponent(id)}`)
    await page.getByRole('heading', { name: 'Body' }).waitFor()
    expect(await isTooWide(page)).toBe(false)
  })
})

describe('input 56, in mid-edit', () => {
  const control = (page: Page) => page.getByLabel('Control (%)')

  it.each([
    ['an error of the server', (page: Page) => page.route(oneRoute, fails), /the collector answered 500/],
    ['no network', (page: Page) => page.context().setOffline(true), /the collector does not answer/],
  ])('keeps what was typed through %s', async (_what, breakIt, said) => {
    const page = await open('/routes/ticketing?tab=settings')
    await control(page).fill('6')
    await breakIt(page)
    await button(page, 'Review the change').click()
    await page.getByText(said).first().waitFor()
    expect(await control(page).inputValue()).toBe('6')
    await page.context().setOffline(false)
    await page.unroute(oneRoute)
    await button(page, 'Review the change').click()
    await page.getByRole('dialog').getByText(/^\+/).first().waitFor()
  })

  it('keeps what was typed through an answer that never comes, and says how long it waited', async () => {
    const page = await open('/routes/ticketing?tab=settings')
    await control(page).fill('6')
    await page.route(/dryRun=true/, () => undefined)
    await button(page, 'Review the change').click()
    await page.getByText('no answer within 20 s').first().waitFor()
    expect(await control(page).inputValue()).toBe('6')
  })

  it('keeps what was typed behind the back button, another tab of the page and another page', async () => {
    const page = await open('/routes')
    await page.getByRole('link', { name: 'ticketing' }).click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await control(page).fill('6')
    await page.getByRole('tab', { name: 'Report' }).click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    expect(await control(page).inputValue()).toBe('6')
    await page.goBack()
    await page.getByRole('heading', { name: 'Routes' }).waitFor()
    await page.goForward()
    expect(await control(page).inputValue()).toBe('6')
    await button(page, 'Forget what I typed').click()
    await page.getByRole('tab', { name: 'Report' }).click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    expect(await control(page).inputValue()).not.toBe('6')
  })

  it('takes a double click for one: on the share, one version more', async () => {
    await patchDemoRoute({ share: 70 })
    const { version } = await demoRoute()
    const page = await open('/routes/ticketing')
    await page.getByRole('slider').focus()
    await page.keyboard.press('End')
    await button(page, 'Mirror 100 %').dblclick()
    await page.getByLabel('Type ticketing to go on').fill('ticketing')
    await button(page, 'Raise the share').dblclick()
    await page.getByText('ticketing mirrors 100 % of its requests now').waitFor()
    expect(await demoRoute()).toMatchObject({ share: 100, version: version + 1 })
  })

  it('shows in one window what was done in the other', async () => {
    const [one, two] = [await open('/routes/ticketing'), await open('/routes/ticketing')]
    await one.getByRole('switch', { name: 'Shadow on' }).click()
    await Promise.all([one, two].map((page) => page.getByText('Traefik: off').waitFor()))
    await two.getByRole('switch', { name: 'Shadow on' }).click()
    await one.getByText('Traefik: applied').waitFor()
    await one.getByRole('switch', { name: 'Shadow on', checked: true }).waitFor()
  })
})

describe('input 57, many eyes', () => {
  it.each([['/routes'], ['/routes/ticketing'], ['/routes/ticketing?tab=settings'], ['/comparisons'], ['/pipeline']])(
    'fits at a zoom of 200 %%: %s',
    async (path) => {
      const page = await open(path, { width: 640, height: 450 })
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await isTooWide(page)).toBe(false)
      expect(await axeFindings(page)).toEqual([])
    },
  )

  it('lets a field be ignored by keyboard alone, and says what came of it', async () => {
    const page = await open(await demoDifference())
    await tabTo(page, button(page, 'Ignore this field').first())
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/It would hide/).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await waitUntilHolds(async () => {
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Ignore this field')
    })
    await tabTo(page, button(page, 'Copy link'), 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('The link is copied').waitFor()
  })

  it('has one heading, one main part and a named navigation for a screen reader, and tells what loads', async () => {
    const page = await open('/pipeline')
    await page.getByRole('heading', { level: 1, name: 'Pipeline' }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('navigation', { name: 'Pages' }).count()).toBe(1)
    expect(await page.getByRole('link', { name: 'Pipeline', exact: true }).getAttribute('aria-current')).toBe('page')
  })

  it('moves nothing for whoever asked for less motion', async () => {
    const page = await open('/routes/ticketing?tab=rules')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await button(page, 'New rule').click()
    await page.getByRole('dialog').waitFor()
    const moving = await page.evaluate(`[...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationDuration } = getComputedStyle(element)
      return [transitionDuration, animationDuration].some((text) => text.split(',').some((one) => parseFloat(one) > 0.001))
    }).map((element) => element.outerHTML.slice(0, 100))`)
    expect(moving).toEqual([])
  })

  it('tells what differs without its colours: signs in the list and in the bodies', async () => {
    const page = await open(await demoDifference())
    expect(await page.locator('.u-differences .u-sign').first().innerText()).toBe('+')
    const line = page.locator('.cm-merge-b .cm-changedLine').first()
    await line.waitFor()
    expect(await line.evaluate(signBefore)).toBe('"+ "')
  })
})

type Styled = { ownerDocument: { defaultView: { getComputedStyle(of: unknown, part: string): { content: string } } } }

/** What its style sheet writes before an element. Runs in the page. */
function signBefore(node: Styled): string {
  return node.ownerDocument.defaultView.getComputedStyle(node, '::before').content
}

async function fails(route: { fulfill(answer: { status: number }): Promise<void> }): Promise<void> {
  await route.fulfill({ status: 500 })
}

async function tabTo(page: Page, wanted: Locator, key = 'Tab'): Promise<void> {
  await wanted.waitFor()
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await wanted.evaluate((node: { matches(selector: string): boolean }) => node.matches(':focus'))) return
    await page.keyboard.press(key)
  }
  throw new Error('the keyboard does not reach it')
}
