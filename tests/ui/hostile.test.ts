// Captured content is whatever a service said: it is shown as text, in full view, and never as anything else.
import { describe, expect, it } from '@jest/globals'
import { jsonBody } from '../helpers/tap-batches.ts'
import { capture } from './capture.ts'
import { axeFindings, isTooWide, useBrowser } from './ui-pages.ts'

const { open } = useBrowser()

const hostile: [string, string][] = [
  ['an image that fails', '<img src=x onerror="alert(1)"><svg onload=alert(2)>'],
  ['the end of a script', '</script><script>alert(3)</script>'],
  ['a link that runs', '{"url":"javascript:alert(4)","html":"<a href=\\"javascript:alert(5)\\">x</a>"}'],
  ['text that turns around', '{"file":"\u202Egnp.exe\u202C"}'],
  ['control codes of a terminal', '\u001b[31mred\u001b[0m \u001b]0;title\u0007'],
  ['a prototype', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}'],
]

/** What captured markup could become; the editor puts empty images of its own beside what it writes out. */
const foreign = 'img:not(.cm-widgetBuffer), img[src], iframe, object, embed, script, form'

/** Right-to-left override and its kin, escape, bell. */
const deceiving = [...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u001b\u0007']

describe('hostile content', () => {
  it.each(hostile)('is text and nothing else: %s', async (_name, body) => {
    const id = await capture('{"fine":true}', body, '/api/ticketing/<img src=x onerror=alert(6)>')
    const page = await open(`/comparisons/${encodeURIComponent(id)}`)
    await page.locator('.cm-content').first().waitFor()
    expect(await page.locator(`#root :is(${foreign})`).count()).toBe(0)
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
    expect(await page.evaluate('({}).isAdmin')).toBeUndefined()
    const text = await page.locator('#root').innerText()
    for (const character of deceiving) expect(text + (await page.title())).not.toContain(character)
  })

  it('is told as what it is where it cannot be shown: binary and invalid UTF-8', async () => {
    const id = await capture('{"fine":true}', '\u0000\u0001\u0002\ufffd')
    const page = await open(`/comparisons/${encodeURIComponent(id)}`)
    await page.getByRole('heading', { name: 'Body' }).waitFor()
    expect(await isTooWide(page)).toBe(false)
  })

  it('may be one line of 200,000 characters, and the page stays a page', async () => {
    const long = JSON.stringify(`${'a'.repeat(200_000)}<img onerror=alert(7)>`)
    const id = await capture(long, `${long.slice(0, -2)}b"`)
    const page = await open(`/comparisons/${encodeURIComponent(id)}`, { width: 360 })
    await page.locator('.cm-content').first().waitFor()
    expect(await isTooWide(page)).toBe(false)
    // What is far outside of the window is not in the page.
    expect((await page.locator('.cm-content').first().innerText()).length).toBeLessThan(60_000)
  })

  it('may be a large document: only what differs is in view, and all of it can be reached', async () => {
    const body = jsonBody(120_000)
    const id = await capture(body, body.replace('"price":1.25', '"price":9.75'))
    const page = await open(`/comparisons/${encodeURIComponent(id)}`)
    await page.getByText('1.25').first().waitFor()
    await page.getByText('9.75').first().waitFor()
    await page
      .getByText(/unchanged lines/)
      .first()
      .waitFor()
    expect(await axeFindings(page)).toEqual([])
  })
})
