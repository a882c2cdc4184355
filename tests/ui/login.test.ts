import { describe, expect, it } from '@jest/globals'
import { bearer, uiStack, useBrowser } from './ui-pages.ts'
import { ADMIN_TOKEN } from './ui-stack.ts'

const { open } = useBrowser()

describe('the login', () => {
  it('lets in whoever has the token, and leaves no trace of it in the page', async () => {
    const page = await open('/routes', { isLoggedOut: true })
    await page.getByLabel('Admin token', { exact: true }).fill('not the token')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('this is not the token of this server').waitFor()
    await page.getByLabel('Admin token', { exact: true }).fill(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Routes' }).waitFor()

    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: 'understudy_session', httpOnly: true, sameSite: 'Strict' })
    expect(cookie?.value).not.toContain(ADMIN_TOKEN)
    const kept = await page.evaluate(
      'document.documentElement.outerHTML + document.cookie + JSON.stringify([localStorage, sessionStorage])',
    )
    expect(kept).not.toContain(ADMIN_TOKEN)
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  it('ends the session at both ends', async () => {
    const page = await open('/routes', { isLoggedOut: true })
    await page.getByLabel('Admin token', { exact: true }).fill(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Routes' }).waitFor()
    const [cookie] = await page.context().cookies()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Admin token', { exact: true }).waitFor()
    const again = await fetch(`${uiStack.api}/api/v1/routes`, {
      headers: { Cookie: `${cookie?.name}=${cookie?.value}` },
    })
    expect(again.status).toBe(401)
  })

  it('is not asked for where a bearer token comes along', async () => {
    const page = await open('/pipeline', { isLoggedOut: true })
    await page.setExtraHTTPHeaders(bearer)
    await page.reload()
    await page.getByRole('heading', { name: 'Pipeline' }).waitFor()
  })

  it('shows nothing of a route to whoever is not logged in', async () => {
    const page = await open('/routes/ticketing', { isLoggedOut: true })
    await page.getByLabel('Admin token', { exact: true }).waitFor()
    expect(await page.content()).not.toContain('ticketing')
  })
})

describe('a page', () => {
  it('runs no script but its own files', async () => {
    const response = await fetch(`${uiStack.api}/routes`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self';script-src 'self';style-src 'self' 'nonce-")
    expect(policy).not.toMatch(/unsafe|\*|data:|https?:/)
    const html = await response.text()
    const other = (await (await fetch(`${uiStack.api}/routes`)).text()).match(/nonce="([^"]+)"/)?.[1]
    expect(html).not.toContain(other)
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
  })

  it('is told with the addresses that it asks first, and asks each of them once', async () => {
    const page = await open('/routes/ticketing')
    await page.getByRole('region', { name: 'Endpoints' }).first().waitFor()
    const asked = (await page.evaluate(`performance.getEntriesByType('resource')
      .map(({ name, initiatorType }) => initiatorType + ' ' + new URL(name).pathname)`)) as string[]
    // Those that are not asked again every few seconds.
    for (const path of ['/api/v1/session', '/', '/api/v1/routes/ticketing/report', '/api/v1/routes/ticketing/verdict'])
      expect(asked.filter((entry) => entry.endsWith(` ${path}`))).toEqual([`link ${path}`])
  })

  it('is not served to another host, nor from outside its folder', async () => {
    for (const path of ['/assets/..%2f..%2fpackage.json', '/assets/index.html', '/assets/.sources']) {
      expect((await fetch(`${uiStack.api}${path}`, { headers: bearer })).status).toBe(404)
    }
  })
})
