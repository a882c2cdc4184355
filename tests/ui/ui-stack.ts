// One `npm start` with the demo for all UI tests, with a login, as behind any address but loopback.
import { buildUi } from '../../collector/local-stack/ui-build.ts'
import { needChromium } from '../helpers/chromium.ts'
import { runStart, type StackFolder, type StartedStack, stackFolder } from '../helpers/npm-start.ts'
import { waitUntil } from '../helpers/wait-until.ts'

export const ADMIN_TOKEN = 'ui-tests-admin-token-0123456789'
/** Each in the report and in the lists: pages that are read once have to find them there. */
const causesWanted = 6

let stack: StartedStack | undefined
let folder: StackFolder | undefined

/** Jest hands the environment on to its workers. */
export async function setUp(): Promise<void> {
  const [chromium] = await Promise.all([needChromium(), buildUi()])
  process.env.UNDERSTUDY_TEST_CHROMIUM = chromium
  // A stack that a developer keeps running, with the token above.
  if (process.env.UNDERSTUDY_TEST_UI) return
  folder = await stackFolder()
  folder.env.UNDERSTUDY_ADMIN_TOKEN = ADMIN_TOKEN
  stack = runStart(folder)
  try {
    await stack.says('Understudy is up', 240_000)
    const { api, proxy } = await stack.file()
    const ingest = `http://127.0.0.1:${folder.env.UNDERSTUDY_INGEST_PORT}/v1/taps`
    process.env.UNDERSTUDY_TEST_UI = JSON.stringify({ api, ingest, proxy, home: folder.home })
    await waitUntil(() => hasAllCauses(api), {
      withinMs: 180_000,
      everyMs: 250,
      what: 'the demo to show every difference',
    })
  } catch (error) {
    await tearDown()
    throw error
  }
}

export async function tearDown(): Promise<void> {
  await stack?.end()
  await folder?.remove()
}

async function hasAllCauses(api: string): Promise<boolean> {
  const url = `${api}/api/v1/routes/ticketing/report`
  const response = await fetch(url, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } })
  return ((await response.json()) as { causes: unknown[] }).causes.length >= causesWanted
}
