import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { initialise } from '../../collector/cli/init.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'understudy-init-'))
  writeFileSync(join(dir, '.env.example'), 'A=1\nUNDERSTUDY_GID=0\n')
  mkdirSync(join(dir, 'traefik/dynamic'), { recursive: true })
  chmodSync(join(dir, 'traefik/dynamic'), 0o755)
})
afterEach(() => rmSync(dir, { recursive: true }))

const modeOf = (...path: string[]) => (statSync(join(dir, ...path)).mode & 0o777).toString(8)

describe('understudy init', () => {
  it('makes secrets that only the owner of their folder reaches, and containers of any user can read', () => {
    initialise(dir)
    expect(modeOf('.secrets')).toBe('700')
    const names = readdirSync(join(dir, '.secrets'))
    expect(names).toHaveLength(8)
    expect(new Set(names.map((name) => modeOf('.secrets', name)))).toEqual(new Set(['444']))
    const texts = names.map((name) => readFileSync(join(dir, '.secrets', name), 'utf8').trim())
    expect(new Set(texts).size).toBe(names.length)
    expect(texts.every((text) => text.length >= 64)).toBe(true)
  })

  it('puts the password of the database into its address', () => {
    initialise(dir)
    const password = readFileSync(join(dir, '.secrets/postgres-password'), 'utf8').trim()
    expect(readFileSync(join(dir, '.secrets/database-url'), 'utf8')).toBe(
      `postgres://understudy:${password}@postgres:5432/understudy\n`,
    )
  })

  it('writes .env with the group of the folder that the collector writes in, and opens the folder to that group', () => {
    initialise(dir)
    const { gid } = statSync(join(dir, 'traefik/dynamic'))
    expect(readFileSync(join(dir, '.env'), 'utf8')).toBe(`A=1\nUNDERSTUDY_GID=${gid}\n`)
    expect(modeOf('.env')).toBe('600')
    expect(modeOf('traefik/dynamic')).toBe('775')
  })

  it('changes nothing that is there', () => {
    const first = initialise(dir)
    const before = readFileSync(join(dir, '.secrets/admin-token'), 'utf8')
    const again = initialise(dir)
    expect(again).toEqual({ made: [], kept: first.made })
    expect(readFileSync(join(dir, '.secrets/admin-token'), 'utf8')).toBe(before)
  })

  it('makes what alone is missing', () => {
    initialise(dir)
    rmSync(join(dir, '.secrets/admin-token'))
    expect(initialise(dir).made).toEqual([join(dir, '.secrets/admin-token')])
  })

  it('refuses a folder that is no project', () => {
    rmSync(join(dir, '.env.example'))
    expect(() => initialise(dir)).toThrow(/holds no \.env\.example/)
  })
})
