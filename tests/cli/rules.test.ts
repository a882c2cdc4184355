import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RuleList, RuleProposal } from '../../collector/api/rule-schemas.ts'
import { startApi, type TestApi } from '../api/api-server.ts'
import { understudy } from './run-understudy.ts'

let api: TestApi
let env: Record<string, string>
beforeAll(async () => {
  api = await startApi()
  env = { UNDERSTUDY_API: api.url }
})
afterAll(() => api.close())

const run = (...args: string[]) => understudy(args, env)

describe('understudy report', () => {
  it('names each cause with its rates and a sample, and how long both versions took', async () => {
    const { code, out } = await run('report', 'ticketing')
    expect(code).toBe(0)
    expect(out).toMatch(/9\s+10\.0 %\s+0\.0 %\s+\/total changed \(number\)\s+GET \/x\s+[0-9a-f-]{36}:shadow/)
    expect(out).not.toContain('/served')
    expect(out).toMatch(/p50\s+p90\s+p99\s+side/)
    expect(out).toMatch(/ms\s+primary/)
  })

  it('tells noise too, with what makes it noise, when asked', async () => {
    expect((await run('report', 'ticketing', '--noise')).out).toMatch(/\/served changed \(number\).*noise: learned/)
    const { json } = await run('report', 'ticketing', '--noise', '--json')
    expect((json as { causes: unknown[] }).causes).toHaveLength(2)
  })
})

describe('understudy rules', () => {
  it('lists what holds, with what it covered', async () => {
    const { code, out } = await run('rules', 'list', 'ticketing')
    expect(code).toBe(0)
    expect(out).toMatch(/file:from the file\s+active\s+7\s+every route\s+\{ at: \/tags, treat: unordered \}/)
    expect(out).toContain('1 noisy fields learned from the control, 1 rules proposed')
  })

  it('previews, adds and removes a rule', async () => {
    const rule = ['ticketing', '--at', '/served', '--treat', 'ignore', '--kind', 'changed', '--name', 'served']
    expect((await run('rules', 'preview', ...rule)).out).toContain('it would hide 1 of the newest 2')
    const added = (await run('rules', 'add', ...rule, '--json')).json
    expect(added).toMatchObject({ rule: { name: 'served', at: '/served', treat: 'ignore', kinds: ['changed'] } })
    expect(await run('rules', 'add', ...rule)).toMatchObject({ code: 1, err: expect.stringContaining('another name') })
    expect((await run('rules', 'remove', 'ticketing', (added as { id: string }).id)).code).toBe(0)
    expect((await run('rules', 'remove', 'ticketing', '999')).code).toBe(1)
  })

  it('reads treatments that take a value, and versions as an end', async () => {
    const number = await run('rules', 'add', 'ticketing', '--at', '/p', '--treat', '{"number":{"percent":1}}', '--json')
    expect(number.json).toMatchObject({ rule: { treat: { number: { percent: 1 } } } })
    const why = ['--until', 'version:2.4', '--owner', 'ann', '--comment', 'agreed']
    const expected = await run('rules', 'add', 'ticketing', '--at', '/q', '--treat', 'expected', ...why, '--json')
    expect(expected.json).toMatchObject({ until: { version: '2.4' }, owner: 'ann', state: 'active' })
  })

  it('says what is wrong with a rule, as a usage error', async () => {
    const { code, err } = await run('rules', 'add', 'ticketing', '--at', '$.a', '--treat', 'timestmap')
    expect(code).toBe(2)
    expect(err).toContain('expected a pointer such as /items/*/id, not JSONPath')
    expect(err).toContain('did you mean timestamp?')
    expect((await run('rules', 'add', 'ticketing', '--treat', 'ignore')).code).toBe(2)
  })

  it('shows proposals with their evidence and accepts one', async () => {
    expect((await run('rules', 'proposals', 'ticketing')).out).toMatch(/30 of 30\s+\{ at: \/served, treat: counter/)
    const { json } = await run('rules', 'proposals', 'ticketing', '--json')
    const [proposal] = (json as { items: RuleProposal[] }).items
    expect((await run('rules', 'accept', 'ticketing', proposal?.id ?? '')).out).toMatch(/rule \d+ holds/)
    const left = (await run('rules', 'list', 'ticketing', '--json')).json as RuleList
    expect(left.proposals).toEqual([])
  })
})
