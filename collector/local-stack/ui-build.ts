// Builds the admin UI when its sources are newer than what is built: by a hash, so a start that changes nothing waits
// for nothing. The image is built with the same call (`npm run build`).
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'collector/ui')
export const UI_FOLDER = join(SOURCES, 'dist')
const STAMP = join(UI_FOLDER, '.sources')
const LIMIT_MS = 120_000

/** Resolves with true when it was built, with false when it was there already. Throws with what the build said. */
export async function buildUi(signal?: AbortSignal): Promise<boolean> {
  const wanted = hashOfSources()
  if (stamp() === wanted) return false
  // In a folder of its own, then put in place whole: two starts at once never serve half of each other's files.
  const folder = `${UI_FOLDER}-${process.pid}`
  try {
    await runVite(folder, signal)
    writeFileSync(join(folder, '.sources'), wanted)
    rmSync(UI_FOLDER, { recursive: true, force: true })
    renameSync(folder, UI_FOLDER)
  } catch (error) {
    if (stamp() !== wanted) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return true
}

function stamp(): string | undefined {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')))
  const files = readdirSync(SOURCES, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(SOURCES, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('dist'))
    .sort()
  for (const path of files) hash.update(`\0${path}\0`).update(readFileSync(join(SOURCES, path)))
  return hash.digest('hex')
}

function runVite(outDir: string, signal: AbortSignal | undefined): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [vite, 'build', SOURCES, '--outDir', outDir, '--logLevel', 'warn'], {
      cwd: ROOT,
      // Whatever this process runs as: a test's NODE_ENV would bring React's slow, talkative build.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      ...(signal && { signal }),
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4000)
      })
    }
    child.on('error', failed)
    child.on('close', (code) =>
      code === 0 ? done() : failed(new Error(`the UI could not be built (vite ended with ${code}): ${said.trim()}`)),
    )
  })
}

if (import.meta.main) {
  const startedAt = performance.now()
  const isNew = await buildUi()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(isNew ? `setup: UI built in ${seconds} s\n` : 'setup: the UI is built\n')
}
