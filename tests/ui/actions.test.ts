// Every button does what it says, on the running stack; and every change has its way back.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { exchangeId } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { pairOf, postRecords } from './capture.ts'
import {
  ask,
  bearer,
  demoDifference,
  demoRoute,
  patchDemoRoute,
  type ShownRoute,
  shoot,
  uiStack,
  useBrowser,
} from './ui-pages.ts'

const { open } = useBrowser()

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const clipboard = (page: Page) => page.evaluate('navigator.clipboard.readText()') as Promise<string>
const isGone = async (name: string) =>
  (await fetch(`${uiStack.api}/api/v1/routes/${name}`, { headers: bearer })).status === 404

describe('a comparison', () => {
  it('is shared: as a link, as curl, as HAR', async () => {
    const page = await open(await demoDifference())
    await button(page, 'Copy link').click()
    await page.getByText('The link is copied').waitFor()
    expect(await clipboard(page)).toBe(page.url())

    await button(page, 'Copy as curl').click()
    await page.getByText('The command is copied').waitFor()
    expect(await clipboard(page)).toMatch(/^curl [\s\S]*\/api\/ticketing\/tickets/)

    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'HAR' }).click()
    const har = JSON.parse(readFileSync(await (await saved).path(), 'utf8'))
    expect(har.log.entries.map((entry: { request: { url: string } }) => entry.request.url)).toEqual(
      Array(2).fill(expect.stringContaining('/api/ticketing/tickets')),
    )
  })

  it('is replayed: both sides are asked once more', async () => {
    const page = await open(await demoDifference())
    await button(page, 'Replay').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/Primary 200 in .* shadow 200 in/).waitFor()
    await dialog.getByText(/before: ≠ different with/).waitFor()
    await dialog.getByText('/items/5').first().waitFor()
    await shoot(page, 'replay')
  })

  it('shows bodies in one column or two, laid out or as they were captured', async () => {
    const page = await open(await demoDifference())
    await page.locator('.cm-mergeView .cm-content').nth(1).waitFor()
    await page.getByText('One column').click()
    await page.locator('.cm-mergeView').waitFor({ state: 'detached' })
    await page.locator('.cm-content').getByText('"subject"').first().waitFor()
    await page.getByText('Side by side').click()
    await page.getByRole('switch', { name: 'As captured' }).click()
    await page.locator('.cm-line', { hasText: '{"items":[' }).first().waitFor()
  })
})

describe('a route', () => {
  it('is made, deleted by its name, and brought back', async () => {
    const { primary } = await ask<{ primary: { url: string } }>('/api/v1/routes/ticketing')
    const page = await open('/routes')
    await page.getByRole('link', { name: 'New route' }).click()
    await page.getByLabel('Name').first().fill('made-here')
    await page.getByLabel('Rule').fill('PathPrefix(`/made-here`)')
    await page.getByLabel('Primary').fill(primary.url)
    await page.getByLabel('Service or URL').fill(primary.url)
    await button(page, 'Another shadow').click()
    await page.getByLabel('Service or URL').nth(1).fill(primary.url)
    await page.getByLabel('Share (%)').fill('100')
    await button(page, 'Review the change').click()
    const dialog = page.getByRole('dialog')
    await dialog
      .getByText(/^\+.*PathPrefix\(`\/made-here`\)/)
      .first()
      .waitFor()
    await dialog.getByLabel('Type made-here to go on').fill('made-her')
    expect(await button(page, 'Apply').isDisabled()).toBe(true)
    await dialog.getByLabel('Type made-here to go on').fill('made-here')
    await shoot(page, 'route-review')
    await button(page, 'Apply').dblclick()
    await page.getByText('made-here is made').waitFor()
    await page.getByText('Traefik: applied').waitFor()
    // Nothing came yet: what is told to do about that works as it stands.
    const command = await page.locator('pre', { hasText: 'curl' }).innerText()
    expect(command).toContain(`${uiStack.proxy}/made-here`)
    execFileSync('bash', ['-c', command])
    const endpoints = page.getByRole('region', { name: 'Endpoints' }).first()
    await endpoints.getByRole('row').filter({ hasText: 'shadow-2' }).getByText('GET /made-here').waitFor()
    // Both shadows are told of; one can be looked at alone.
    await endpoints.getByRole('columnheader', { name: 'Variant' }).waitFor()
    await page.getByLabel('Shadow', { exact: true }).selectOption('shadow-2')
    await endpoints.getByRole('columnheader', { name: 'Variant' }).waitFor({ state: 'detached' })
    await page.waitForURL(/variant=shadow-2/)

    await page.getByRole('tab', { name: 'Settings' }).click()
    await button(page, 'Delete the route').click()
    await dialog.getByLabel('Type made-here to go on').fill('made-her')
    expect(await button(page, 'Delete').isDisabled()).toBe(true)
    await dialog.getByLabel('Type made-here to go on').fill('made-here')
    await shoot(page, 'route-delete')
    await button(page, 'Delete').click()
    await page.getByText('made-here is deleted').waitFor()
    expect(await isGone('made-here')).toBe(true)
    await button(page, 'Undo').click()
    await page.getByText('made-here is back').waitFor()
    await page.getByRole('link', { name: 'made-here' }).waitFor()

    const { version } = await ask<ShownRoute>('/api/v1/routes/made-here')
    const headers = { ...bearer, 'If-Match': `"${version}"` }
    await fetch(`${uiStack.api}/api/v1/routes/made-here`, { method: 'DELETE', headers })
  })

  it('is edited: shadows, storage and protection; what was typed can be forgotten, what was changed undone', async () => {
    const page = await open('/routes/ticketing?tab=settings')
    await page.getByLabel('In flight at once').fill('7')
    await button(page, 'Forget what I typed').click()
    expect(await page.getByLabel('In flight at once').inputValue()).not.toBe('7')
    const before = await demoRoute()

    await button(page, 'Another shadow').click()
    await button(page, 'Remove shadow-2').click()
    await page.getByLabel('In flight at once').fill('77')
    await page.getByText('And a sample').click()
    await page.getByLabel('Sample (%)').fill('20')
    await button(page, 'Review the change').click()
    await button(page, 'Apply').click()
    await page.getByText('ticketing is changed').waitFor()
    expect(await demoRoute()).toMatchObject({ protect: { inFlight: 77 }, store: { sample: 20 } })
    await button(page, 'Undo').click()
    await page.getByText(`ticketing is as it was at version ${before.version}`).waitFor()
    expect(await demoRoute()).toMatchObject({ store: 'all' })
  })

  it('is switched off and on, and takes a share back that was not meant', async () => {
    const page = await open('/routes/ticketing')
    await page.getByRole('slider').focus()
    await page.keyboard.press('Home')
    await button(page, `Back to ${(await demoRoute()).share} %`).click()
    await page.getByRole('switch', { name: 'Shadow on' }).click()
    await page.getByText('ticketing is no longer mirrored').waitFor()
    await page.getByText('Traefik: off').waitFor()
    await page.getByRole('switch', { name: 'Shadow on' }).click()
    await page.getByText('ticketing is mirrored again').waitFor()
    await page.getByText('Traefik: applied').waitFor()
  })

  it('is mirrored by more than half only when its name is typed, with the slider and in the form', async () => {
    const { share } = await demoRoute()
    await patchDemoRoute({ share: 40 })
    const page = await open('/routes/ticketing')
    const dialog = page.getByRole('dialog')
    const typed = dialog.getByLabel('Type ticketing to go on')
    await page.getByText('Share: 40 %').waitFor()
    await page.getByRole('slider').focus()
    for (let step = 0; step < 10; step += 1) await page.keyboard.press('ArrowRight')
    await button(page, 'Mirror 50 %').click()
    await page.getByText('ticketing mirrors 50 % of its requests now').waitFor()
    await page.getByText('Share: 50 %').waitFor()
    await page.getByRole('slider').focus()
    await page.keyboard.press('ArrowRight')
    await button(page, 'Mirror 51 %').click()
    await dialog.getByText(/gets a copy of 51 % of the route's requests, no longer of 50 %/).waitFor()
    await typed.fill('ticket')
    expect(await button(page, 'Raise the share').isDisabled()).toBe(true)
    await shoot(page, 'share-raised')
    await button(page, 'Cancel').click()
    expect((await demoRoute()).share).toBe(50)

    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('Share (%)').fill('90')
    await button(page, 'Review the change').click()
    await typed.waitFor()
    expect(await button(page, 'Apply').isDisabled()).toBe(true)
    await typed.fill('ticketing')
    await button(page, 'Apply').click()
    await page.getByText('ticketing is changed').waitFor()
    expect((await demoRoute()).share).toBe(90)
    // Less needs no name.
    await page.getByLabel('Share (%)').fill('60')
    await button(page, 'Review the change').click()
    await button(page, 'Apply').click()
    await waitUntil(async () => (await demoRoute()).share === 60, { withinMs: 60_000, everyMs: 100 })
    await patchDemoRoute({ share })
  })

  it('goes back to any version, from its history and from the list of changes', async () => {
    const { share } = await demoRoute()
    await patchDemoRoute({ share: 33 })
    const { version } = await demoRoute()
    const page = await open('/routes/ticketing?tab=history')
    const first = page.getByRole('row').filter({ hasText: `share ${share} → 33` })
    await first.waitFor()
    await page.getByRole('button', { name: 'Restore' }).first().click()
    await page.getByText(`ticketing is as it was at version ${version - 1}`).waitFor()
    expect((await demoRoute()).share).toBe(share)

    await patchDemoRoute({ share: 34 })
    await page.getByRole('link', { name: 'Changes' }).click()
    const changed = page.getByRole('row').filter({ hasText: `share ${share} → 34` })
    await changed.first().waitFor()
    await changed.first().getByRole('button').click()
    await waitUntil(async () => (await demoRoute()).share === share, { withinMs: 60_000, everyMs: 100 })
    await page.getByText('route.restored').first().waitFor()
    await page.getByRole('combobox', { name: 'Route' }).click()
    await page.getByRole('option', { name: 'ticketing' }).click()
    await page.waitForURL(/route=ticketing/)
    await page.getByText('route.restored').first().waitFor()
  })
})

describe('rules', () => {
  const rules = () => ask<{ items: { rule: { at: string } }[] }>('/api/v1/routes/ticketing/rules')
  const has = async (at: string) => (await rules()).items.some(({ rule }) => rule.at === at)
  const untilRule = (at: string, isThere: boolean) =>
    waitUntil(async () => (await has(at)) === isThere, { withinMs: 60_000, everyMs: 100 })

  it('are written with their end and their reason, taken away, and brought back', async () => {
    const page = await open('/routes/ticketing?tab=rules')
    await button(page, 'New rule').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Field').fill('/written/here')
    await dialog.getByLabel('Why').fill('it is a clock')
    await dialog.getByLabel('Until').fill('2099-12-31')
    await dialog.getByText(/It would hide none/).waitFor()
    await button(page, 'Ignore').click()
    const row = page.getByRole('row').filter({ hasText: '/written/here' })
    await row.getByText('it is a clock').waitFor()
    await row.getByText('2099-12-31').waitFor()
    await button(page, 'Undo').click()
    await untilRule('/written/here', false)

    await button(page, 'New rule').click()
    await dialog.getByLabel('Field').fill('/written/here')
    await button(page, 'Ignore').click()
    await row.waitFor()
    await row.getByRole('button', { name: 'Take away' }).click()
    await page.getByText(/The rule on \/written\/here is gone/).waitFor()
    expect(await has('/written/here')).toBe(false)
    await button(page, 'Undo').click()
    await untilRule('/written/here', true)

    // The same from the list of changes: what was made last goes.
    await page.getByRole('link', { name: 'Changes' }).click()
    const made = page.getByRole('row').filter({ hasText: 'rule.added' }).filter({ hasText: '/written/here' })
    await made.first().getByRole('button', { name: 'Undo' }).click()
    await untilRule('/written/here', false)
  })

  it('are proposed by the control, with examples, and accepted', async () => {
    const clock = (at: number) => JSON.stringify({ servedAt: new Date(at).toISOString(), ok: true })
    const now = Date.now()
    const records = Array.from({ length: 25 }, (_, n) => now - n * 100).flatMap((at) =>
      pairOf(exchangeId(at), { primary: clock(at), other: clock(at + 1500) }, 'control', '/api/ticketing/clock'),
    )
    await postRecords(records)
    await waitUntil(
      async () =>
        (await ask<{ proposals: { evidence: { path: string } }[] }>('/api/v1/routes/ticketing/rules')).proposals.some(
          ({ evidence }) => evidence.path === '/servedAt',
        ),
      { withinMs: 60_000, everyMs: 300, what: 'the clock to be proposed as noise' },
    )
    const page = await open('/routes/ticketing?tab=rules')
    const proposals = page.getByRole('region', { name: 'Proposals' })
    await proposals.getByText('/servedAt').first().waitFor()
    await proposals
      .getByText(/of \d+ control pairs differ/)
      .first()
      .waitFor()
    await shoot(page, 'rules-proposed')
    await proposals.getByRole('button', { name: 'Accept' }).first().click()
    await page.getByText(/The rule on \/servedAt.* holds from now on/).waitFor()
    await page.getByRole('region', { name: 'Rules' }).first().getByText('/servedAt').first().waitFor()
    await button(page, 'Undo').click()
    await page.getByText('Undone').waitFor()
  })
})

describe('discovery', () => {
  it('has its proposal of a control accepted', async () => {
    const { control } = await demoRoute()
    const page = await open('/pipeline')
    // The demo's route has its control from the start: what is proposed is made up here, what is done about it is not.
    await page.route(/\/api\/v1\/discovery/, async (route) => {
      const found = (await (await route.fetch()).json()) as object
      const proposals = [{ route: 'ticketing', field: 'control', value: 9, reason: 'noise is told from change by it' }]
      await route.fulfill({ json: { ...found, proposals } })
    })
    await page.getByRole('link', { name: 'Discovery' }).click()
    await page.getByText('noise is told from change by it').waitFor()
    await button(page, 'Accept').click()
    await page.getByText('ticketing has a control of 9 % now').waitFor()
    expect((await demoRoute()).control).toBe(9)
    await button(page, 'Undo').click()
    await waitUntil(async () => (await demoRoute()).control === control, { withinMs: 60_000, everyMs: 100 })
  })
})

describe('a route that comes from labels', () => {
  const labelled = () => ask<ShownRoute & { managedBy: string }>('/api/v1/routes/labelled')
  const controlIs = (control: unknown) =>
    waitUntil(async () => JSON.stringify((await labelled()).control) === JSON.stringify(control), {
      ...{ withinMs: 60_000, everyMs: 100, what: `the control to be ${JSON.stringify(control)}` },
    })

  it('has its control accepted beside its labels, and withdrawn: at once, and from the list of changes', async () => {
    const { primary } = await ask<{ primary: { url: string } }>('/api/v1/routes/ticketing')
    const stack = JSON.parse(readFileSync(join(uiStack.home, 'stack.json'), 'utf8')) as { dynamicDir: string }
    const file = join(stack.dynamicDir, 'labelled.yaml')
    const service = { loadBalancer: { servers: [{ url: primary.url }] } }
    const routers = { labelled: { rule: 'PathPrefix(`/labelled`)', service: 'labelled' } }
    writeFileSync(
      file,
      JSON.stringify({ http: { routers, services: { labelled: service, 'labelled-shadow': service } } }),
    )
    try {
      const page = await open('/discovery')
      const proposal = page.getByRole('region', { name: 'Proposals' })
      await proposal.getByText('labelled: control 5 %').waitFor()
      expect(await labelled()).toMatchObject({ managedBy: 'label', control: 0 })
      await proposal.getByRole('button', { name: 'Accept' }).click()
      await page.getByText('labelled has a control of 5 % now').waitFor()
      await controlIs({ percent: 5, rate: 5 })
      await proposal.waitFor({ state: 'detached' })
      await button(page, 'Undo').click()
      await page.getByText('labelled sends the primary nothing a second time').waitFor()
      await controlIs(0)

      await proposal.getByRole('button', { name: 'Accept' }).click()
      await controlIs({ percent: 5, rate: 5 })
      await page.getByRole('link', { name: 'Changes' }).click()
      const accepted = page.getByRole('row').filter({ hasText: 'control.accepted' }).filter({ hasText: 'labelled' })
      await accepted.getByText('no control → control 5 %, at most 5 a second').first().waitFor()
      await accepted.first().getByRole('button', { name: 'Undo' }).click()
      await controlIs(0)
      const withdrawn = page.getByRole('row').filter({ hasText: 'control.withdrawn' }).filter({ hasText: 'labelled' })
      await withdrawn.first().getByRole('button', { name: 'Undo' }).click()
      await controlIs({ percent: 5, rate: 5 })
    } finally {
      await fetch(`${uiStack.api}/api/v1/routes/labelled/control/accept`, { method: 'DELETE', headers: bearer })
      rmSync(file, { force: true })
    }
  })
})
