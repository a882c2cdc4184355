import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readBounded } from '../../collector/roles/read-bounded.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-bounded-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a file of somebody else', () => {
  it.each([
    ['as it is', 'routes: []\n'],
    ['empty', ''],
    ['of just the bytes that may be', 'x'.repeat(2_000)],
    ['with letters of several bytes', 'ä🙂'],
  ])('is read %s', async (_how, text) => {
    const path = join(folder, 'good')
    await writeFile(path, text)
    expect(await readBounded(path, 2_000)).toBe(text)
    await symlink('good', join(folder, 'link')).catch(() => undefined)
    expect(await readBounded(join(folder, 'link'), 2_000)).toBe(text)
  })

  it.each<[string, RegExp, (path: string) => Promise<unknown> | unknown]>([
    ['missing', /ENOENT/, () => undefined],
    ['a link to itself', /ELOOP/, (path) => symlink(path, path)],
    ['one byte too long', /larger than 2000 bytes/, (path) => writeFile(path, 'x'.repeat(2_001))],
    ['a gigabyte', /larger than 2000 bytes/, (path) => writeFile(path, '').then(() => truncate(path, 2 ** 30))],
    ['a pipe without a writer', /no regular file/, (path) => execFileSync('mkfifo', [path])],
  ])('is refused when it is %s', async (what, message, make) => {
    const path = join(folder, what.replaceAll(' ', '-'))
    await make(path)
    await expect(readBounded(path, 2_000)).rejects.toThrow(message)
  })

  it('is refused when it is a directory, or may not be read', async () => {
    await expect(readBounded(folder, 2_000)).rejects.toThrow('is a directory')
    // The one who may read everything is not refused.
    if (process.getuid?.() === 0) return
    const path = join(folder, 'secret')
    await writeFile(path, 'x')
    await chmod(path, 0)
    await expect(readBounded(path, 2_000)).rejects.toThrow(/EACCES/)
  })
})
