import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { UI_FOLDER } from '../../collector/local-stack/ui-build.ts'

const limitBytes = 350_000

describe('what the first screen loads', () => {
  it('is at most 350 kB, compressed', () => {
    const page = readFileSync(join(UI_FOLDER, 'index.html'), 'utf8')
    const names = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(1)
    const sizes = names.map((name) => gzipSync(readFileSync(join(UI_FOLDER, 'assets', name))).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limitBytes)
  })

  it('leaves the editor for the page that shows bodies', () => {
    const page = readFileSync(join(UI_FOLDER, 'index.html'), 'utf8')
    const editor = readdirSync(join(UI_FOLDER, 'assets')).filter((name) => name.startsWith('body-compare'))
    expect(editor.length).toBeGreaterThan(0)
    for (const name of editor) expect(page).not.toContain(name)
  })
})
