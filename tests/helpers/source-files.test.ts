import { describe, expect, it } from '@jest/globals'
import { codeOf, importsOf } from './source-files.ts'

const file = (text: string) => ({ path: 'collector/core/pairing.ts', text })

describe('importsOf', () => {
  it.each([
    ["import type { A } from '../store/a.ts'", 'collector/store/a.ts', true],
    ["import { type A, b } from './compare/b.ts'", 'collector/core/compare/b.ts', false],
    ["import {\n  a,\n  b,\n} from '../../plugin-config/route.ts'", 'plugin-config/route.ts', false],
    ["import '../kafka/topics.ts'", 'collector/kafka/topics.ts', false],
    ["import * as a from 'node:fs'", 'node:fs', false],
    ["export { a } from '../api/a.ts'", 'collector/api/a.ts', false],
    ["const { a } = await import('../api/a.ts')", 'collector/api/a.ts', false],
  ])('reads %s', (text, to, isTypeOnly) => {
    expect(importsOf(file(text))).toMatchObject([{ to, isTypeOnly }])
  })
})

describe('codeOf', () => {
  it('leaves comments and strings out and keeps the line count', () => {
    const text = "/* Date.now()\n */ const a = 'new Date()' // Math.random()\nconst url = a"
    expect(codeOf(file(text)).split('\n')).toEqual(['', " const a = '' ", 'const url = a'])
  })
})
