// GET of JSON from Traefik's API with a limit on time, bytes and pages.
import { messageOf, UnderstudyError } from '../errors.ts'

const MAX_BYTES = 32 * 1024 * 1024
const PAGE_SIZE = 500
const MAX_PAGES = 100

export type Getter = {
  /** The document, or undefined for 404. Throws `traefik-unavailable`. */
  one: (path: string) => Promise<unknown>
  /** A list with all its pages put together. */
  all: (path: string) => Promise<unknown[]>
}

export function createGetter(apiUrl: string, timeoutMs: number): Getter {
  const root = apiUrl.replace(/\/+$/, '')

  const get = async (path: string): Promise<{ status: number; nextPage: number; body: unknown }> => {
    const url = `${root}${path}`
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
      const text = await boundedText(response)
      if (response.status !== 200) return { status: response.status, nextPage: 1, body: undefined }
      return { status: 200, nextPage: Number(response.headers.get('x-next-page') ?? 1), body: JSON.parse(text) }
    } catch (error) {
      throw unavailable(url, messageOf(error), error)
    }
  }

  return {
    async one(path) {
      const { status, body } = await get(path)
      if (status === 404) return undefined
      if (status !== 200) throw unavailable(`${root}${path}`, `HTTP ${status}, expected 200`)
      return body
    },
    async all(path) {
      const items: unknown[] = []
      let page = 1
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { status, body, nextPage } = await get(`${path}?per_page=${PAGE_SIZE}&page=${page}`)
        // The list became shorter than the page that was announced.
        if (status === 400 && page > 1) return items
        if (status !== 200 || !Array.isArray(body)) {
          throw unavailable(`${root}${path}`, `HTTP ${status}, expected 200 and a list`)
        }
        items.push(...body)
        // Traefik announces page 1 after the last one.
        if (!(nextPage > page)) return items
        page = nextPage
      }
      throw unavailable(`${root}${path}`, `more than ${MAX_PAGES * PAGE_SIZE} entries`)
    },
  }
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new Error(`answer larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unavailable(url: string, what: string, cause?: unknown): UnderstudyError {
  const message = `Traefik's API at ${url}: ${what}`
  return new UnderstudyError('traefik-unavailable', message, { retriable: true, cause })
}
