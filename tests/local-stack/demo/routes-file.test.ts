import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { demoRequests } from '../../../collector/local-stack/demo/demo-requests.ts'
import { parseRoutesFile } from '../../../plugin-config/routes-file.ts'

const FILE = resolve(import.meta.dirname, '../../../collector/local-stack/demo/understudy.yaml')

describe("the demo's routes file", () => {
  const parsed = parseRoutesFile(readFileSync(FILE, 'utf8'), 'understudy.yaml')

  it('is accepted', () => {
    expect(parsed).toMatchObject({ ok: true, routes: [{ name: 'ticketing', share: 100, store: 'all' }] })
  })

  it('lets through the one POST that changes nothing', () => {
    const operations = parsed.ok ? parsed.routes[0]?.operations : []
    const posts = demoRequests.filter(({ method, name }) => method === 'POST' && name.includes('form'))
    expect([...new Set(posts.map(({ method, path }) => `${method} ${path}`))]).toEqual(operations)
  })
})
