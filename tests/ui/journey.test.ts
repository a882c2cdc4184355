// A newcomer's way through the demo: see what Express 5 does differently, silence a field, raise the share, switch off.
import { describe, expect, it } from '@jest/globals'
import { waitUntil } from '../helpers/wait-until.ts'
import { ask, demoRoute, patchDemoRoute, shoot, uiStack, useBrowser } from './ui-pages.ts'

const { open } = useBrowser()

const link = '/api/ticketing/tickets/5/link'

/** The exchange id that the tap gave it; none where the request was not mirrored. */
async function sendOne(): Promise<string | null> {
  return (await fetch(`${uiStack.proxy}${link}`)).headers.get('x-understudy-id')
}

async function outcomeOf(exchangeId: string): Promise<string | undefined> {
  const { pairs } = await ask<{ pairs: { variant: string; outcome: string }[] }>(`/api/v1/exchanges/${exchangeId}`)
  return pairs.find(({ variant }) => variant === 'shadow')?.outcome
}

describe('a newcomer', () => {
  it('sees the differences of Express 5, ignores one field, raises the share and switches the shadow off', async () => {
    await patchDemoRoute({ share: 40 })
    const page = await open('/')
    await page.getByRole('link', { name: 'ticketing' }).click()

    // What differs, by cause, each with an example.
    const causes = page.getByRole('region', { name: 'Causes' }).first()
    for (const path of ['/url', 'header:location', 'header:content-type', '/items/*'])
      await causes.getByText(path, { exact: true }).first().waitFor()
    await shoot(page, 'journey-1-report')
    const cause = causes.getByRole('row').filter({ hasText: '/url' }).first()
    await cause.getByRole('link', { name: 'open' }).click()

    // One of them in full; the field means nothing here, so it is ignored.
    await page.getByRole('heading', { name: 'What differs' }).waitFor()
    await page.getByText('"http://127.0.0.1/api/ticketing/tickets/').first().waitFor()
    await page.getByRole('button', { name: 'Ignore this field' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/It would hide [1-9]/).waitFor()
    await shoot(page, 'journey-2-ignore')
    await dialog.getByLabel('Why').fill('the host differs behind the proxy')
    await dialog.getByRole('button', { name: 'Ignore' }).click()
    await page.getByText('/url is ignored from now on').waitFor()

    // More of the traffic.
    await page.getByRole('link', { name: 'ticketing' }).first().click()
    await page.getByRole('slider').focus()
    await page.keyboard.press('End')
    await page.getByRole('button', { name: 'Mirror 100 %' }).click()
    await dialog.getByLabel('Type ticketing to go on').fill('ticketing')
    await dialog.getByRole('button', { name: 'Raise the share' }).click()
    await page.getByText('ticketing mirrors 100 % of its requests now').waitFor()
    expect((await demoRoute()).share).toBe(100)
    await page.getByText('Traefik: applied').waitFor()
    await shoot(page, 'journey-3-share')

    // From now on the field is noise.
    await waitUntil(
      async () => {
        const id = await sendOne()
        if (id === null) return false
        const outcome = await waitUntil(() => outcomeOf(id), { withinMs: 60_000, everyMs: 200 })
        return outcome !== 'different' && outcome
      },
      { withinMs: 150_000, everyMs: 500, what: 'a request to the link not to be different' },
    )

    // Off: nothing is mirrored any more, and clients notice nothing.
    await page.getByRole('switch', { name: 'Shadow on' }).click()
    await page.getByText('ticketing is no longer mirrored').waitFor()
    await page.getByText('Traefik: off').waitFor()
    await waitUntil(async () => (await sendOne()) === null, { withinMs: 60_000, everyMs: 200 })
    await shoot(page, 'journey-4-off')

    // And the way back.
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Traefik: applied').waitFor()
    await waitUntil(async () => (await sendOne()) !== null, { withinMs: 60_000, everyMs: 200 })
  })
})
