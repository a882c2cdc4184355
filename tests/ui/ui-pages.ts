// Pages in a real Chromium, logged in, watched: whatever the browser complains of fails the test that made it.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { ADMIN_TOKEN } from './ui-stack.ts'

export type UiStack = { api: string; ingest: string; proxy: string; home: string }
export type PageOptions = { scheme?: 'light' | 'dark'; width?: number; height?: number; isLoggedOut?: boolean }

const SHOTS = resolve(import.meta.dirname, 'screenshots')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Never the expected time, only the point of giving up. */
const actionMs = 60_000

export const uiStack = JSON.parse(process.env.UNDERSTUDY_TEST_UI ?? '{}') as UiStack
export const bearer = { Authorization: `Bearer ${ADMIN_TOKEN}` }

/** Registers the hooks of one test file; pages are closed after each test. */
export function useBrowser() {
  let browser: Browser
  let cookies: Awaited<ReturnType<BrowserContext['cookies']>>
  const contexts: BrowserContext[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    const executablePath = process.env.UNDERSTUDY_TEST_CHROMIUM ?? 'chromium'
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
    cookies = [await logIn()]
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(async () => browser?.close())

  return {
    async open(path: string, options: PageOptions = {}): Promise<Page> {
      const { scheme = 'light', width = 1280, height = 900, isLoggedOut } = options
      const context = await browser.newContext({
        baseURL: uiStack.api,
        colorScheme: scheme,
        viewport: { width, height },
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      contexts.push(context)
      context.setDefaultTimeout(actionMs)
      if (!isLoggedOut) await context.addCookies(cookies)
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
      page.on('dialog', (dialog) => {
        complaints.push(`a dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('console', (message) => {
        const text = message.text()
        if (/Content Security Policy|React|Warning:/.test(text)) complaints.push(text)
      })
      await page.goto(path)
      return page
    },
    /** Takes back what the browser said in this test, where that was the point. */
    complaints,
  }
}

async function logIn() {
  const response = await fetch(`${uiStack.api}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  const [pair = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
  const { hostname } = new URL(uiStack.api)
  return {
    name,
    value,
    domain: hostname,
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
    sameSite: 'Strict' as const,
  }
}

/** Kept for a person to look at (an artefact of CI; git ignores the folder). */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true })
  // A dialog is where the window is. Colours that are on their way to others are of neither scheme.
  const fullPage = (await page.getByRole('dialog').count()) === 0
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage, animations: 'disabled' })
}

type AxeResult = { violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }

/** What axe has against the page by WCAG 2.2 A and AA. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  )) as AxeResult
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => `${id} at ${target.join(' ')}: ${failureSummary.slice(0, 200)}`),
  )
}

export function isTooWide(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

/** A GET of the API as a script does it, with the token. */
export async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${uiStack.api}${path}`, { headers: bearer })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return (await response.json()) as T
}

export type ShownRoute = { share: number; control: number; version: number; enabled: boolean; state: string }

export function demoRoute(): Promise<ShownRoute> {
  return ask('/api/v1/routes/ticketing')
}

/** Changes the demo's route as somebody else would, over REST. */
export async function patchDemoRoute(body: object): Promise<void> {
  const { version } = await demoRoute()
  const response = await fetch(`${uiStack.api}/api/v1/routes/ticketing`, {
    method: 'PATCH',
    headers: { ...bearer, 'Content-Type': 'application/json', 'If-Match': `"${version}"` },
    body: JSON.stringify(body),
  })
  if (response.status !== 200) throw new Error(`the change was answered with ${response.status}`)
}

/** A comparison of the demo that differs. */
export async function demoDifference(): Promise<string> {
  const { items } = await ask<{ items: { id: string }[] }>(
    '/api/v1/comparisons?outcome=different&endpoint=GET%20%2Fapi%2Fticketing%2Ftickets&limit=1',
  )
  return `/comparisons/${encodeURIComponent(items[0]?.id ?? '')}`
}
