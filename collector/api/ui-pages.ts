// The admin UI's own files: one page for every address of the UI, and what it loads. Nothing of it holds data, so it
// needs no login; what it shows comes from the API, which does.
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Express, Request, Response } from 'express'
import type { Guard } from './guard.ts'
import { preloadsOf } from './ui-preloads.ts'

/** First parts of the addresses that are pages; what they show is the UI's affair. */
const pages = ['routes', 'comparisons', 'live', 'changes', 'discovery', 'pipeline']
/** Stands for the nonce in the built page. */
const NONCE = '__understudy_nonce__'

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Serves `folder` (see vite.config.ts) under `/assets/` and at every page. @throws HttpProblem for a foreign host */
export function mountUi(app: Express, folder: string, guard: Guard): void {
  const readPage = readWhenChanged(join(folder, 'index.html'))
  const assets = new Map<string, { plain: Buffer; gzipped: Buffer }>()

  app.get('/', (request, response, next) => {
    if (wantsPage(request) && readPage()) response.redirect(302, '/routes')
    else next()
  })
  app.get(
    pages.flatMap((page) => [`/${page}`, `/${page}/*rest`]),
    (request, response, next) => {
      const page = readPage()
      if (!page) return next()
      guard.requireOwnHost(request)
      const nonce = randomBytes(16).toString('base64')
      response.set({
        'Content-Security-Policy': policy(nonce),
        'Content-Type': 'text/html; charset=utf-8',
        Link: preloadsOf(request.path, request.url.slice(request.path.length), mayAsk(guard, request))
          .map((address) => `<${address}>; rel=preload; as=fetch; crossorigin`)
          .join(', '),
      })
      response.send(page.replaceAll(NONCE, nonce))
    },
  )
  app.get('/assets/:name', (request, response, next) => {
    const { name } = request.params
    const type = types[extname(name)]
    if (!type || !/^[\w.-]+$/.test(name)) return next()
    guard.requireOwnHost(request)
    const asset = assets.get(name) ?? readAsset(join(folder, 'assets', name))
    if (!asset) return next()
    assets.set(name, asset)
    sendAsset(request, response, { type, ...asset })
  })
}

/** A browser asks for a page; curl, which takes anything, for the list of addresses. */
function wantsPage(request: Request): boolean {
  return (request.headers.accept ?? '').includes('text/html')
}

function mayAsk(guard: Guard, request: Request): boolean {
  try {
    return guard.hasRights(request)
  } catch {
    return false
  }
}

/** No script but our files. The nonce is for the style sheets that the component kit and the editor write. */
function policy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join(';')
}

/** The names carry a hash of the content, so a browser may keep them for ever. */
function sendAsset(
  request: Request,
  response: Response,
  asset: { type: string; plain: Buffer; gzipped: Buffer },
): void {
  response.set({
    'Content-Type': asset.type,
    'Cache-Control': 'public, max-age=31536000, immutable',
    Vary: 'Accept-Encoding',
  })
  if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')))
    response.set('Content-Encoding', 'gzip').send(asset.gzipped)
  else response.send(asset.plain)
}

function readAsset(path: string): { plain: Buffer; gzipped: Buffer } | undefined {
  try {
    const plain = readFileSync(path)
    return { plain, gzipped: gzipSync(plain) }
  } catch {
    return undefined
  }
}

/** The page may be built after this process has started. */
function readWhenChanged(path: string): () => string | undefined {
  let last: { changedMs: number; text: string } | undefined
  return () => {
    try {
      const changedMs = statSync(path).mtimeMs
      if (last?.changedMs !== changedMs) last = { changedMs, text: readFileSync(path, 'utf8') }
      return last.text
    } catch {
      return undefined
    }
  }
}
