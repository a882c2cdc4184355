import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { writeTapTree } from '../../collector/local-stack/tap-tree.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-tap-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('writes the tap as the catalogue wants it: manifest and module at the root, the same name in both', () => {
  const module = writeTapTree(folder)
  const manifest = parse(readFileSync(join(folder, '.traefik.yml'), 'utf8'))
  expect(manifest).toMatchObject({ type: 'middleware', import: module, testData: { side: 'primary' } })
  expect(readFileSync(join(folder, 'go.mod'), 'utf8')).not.toMatch(/^require/m)
  const sources = readdirSync(folder).filter((name) => name.endsWith('.go'))
  expect(sources).toEqual(expect.arrayContaining(['config.go', 'sender.go', 'primary.go', 'mirror.go']))
  const imports = sources
    .filter((name) => !name.endsWith('_test.go'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/^\s+"([\w.-]+\.[a-z]+\/[^"]+)"$/gm)])
  expect(imports).toEqual([])
})

it('writes into no folder that holds something', () => {
  writeFileSync(join(folder, 'mine.txt'), '')
  expect(() => writeTapTree(folder)).toThrow(/is not empty \(mine\.txt\)/)
})
