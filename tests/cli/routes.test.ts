import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { patchOf } from '../../collector/cli/route-fields.ts'
import { parseRoutesFile } from '../../plugin-config/routes-file.ts'
import { startApi, type TestApi } from '../api/api-server.ts'
import { understudy } from './run-understudy.ts'

let api: TestApi
let env: Record<string, string>
let folder: string
const file = async (text: string) => {
  const path = join(folder, 'routes.yaml')
  await writeFile(path, text)
  return path
}
beforeAll(async () => {
  api = await startApi()
  env = { UNDERSTUDY_API: api.url }
  folder = await mkdtemp(join(tmpdir(), 'understudy-cli-'))
})
afterAll(() => api.close())

describe('field=value', () => {
  it.each<[string[], unknown]>([
    [['share=25', 'enabled=false', 'store=all'], { share: 25, enabled: false, store: 'all' }],
    [['protect.rate=50', 'protect.burst=60'], { protect: { rate: 50, burst: 60 } }],
    [['store.sample=5'], { store: { sample: 5 } }],
    [['methods=GET, HEAD'], { methods: ['GET', 'HEAD'] }],
    [['operations=[POST /a]'], { operations: ['POST /a'] }],
    [['priority=', 'stickyBy=null'], { priority: null, stickyBy: null }],
    [['rule=PathPrefix(`/a: #b`)'], { rule: 'PathPrefix(`/a: #b`)' }],
    [['primary=http://10.0.0.1'], { primary: { url: 'http://10.0.0.1', service: null } }],
    [['primary=app@docker'], { primary: { url: null, service: 'app@docker' } }],
    [['shadow=http://10.0.0.1'], { shadows: [{ name: 'shadow', url: 'http://10.0.0.1' }] }],
  ])('reads %j', (assignments, patch) => {
    expect(patchOf(assignments)).toEqual(patch)
  })

  it.each(['share', '=5', '__proto__=1', 'a.b.c=1', 'share:25'])('refuses %s', (assignment) => {
    expect(() => patchOf([assignment])).toThrow('expected field=value')
  })
})

describe('understudy routes', () => {
  it('changes, enables, disables and deletes the version that it read', async () => {
    expect(await understudy(['routes', 'set', 'ticketing', 'share=25'], env)).toMatchObject({
      code: 0,
      out: 'ticketing version 4, 25 %: applied\n',
    })
    expect((await understudy(['routes', 'disable', 'ticketing', '--json'], env)).json).toMatchObject({ enabled: false })
    expect((await understudy(['routes', 'enable', 'ticketing', '--json'], env)).json).toMatchObject({ enabled: true })
    expect(await understudy(['routes', 'delete', 'ticketing'], env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('deleted ticketing'),
    })
    const dry = await understudy(['routes', 'set', 'ticketing', 'share=20', '--dry-run'], env)
    expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/\n-\s+weight: 11\n\+\s+weight: 21\n/) })
    const made = ['rule=Host(`b`)', 'primary=http://10.0.0.1', 'shadow=http://10.0.0.2', 'share=5']
    expect(await understudy(['routes', 'set', 'fresh', ...made], env)).toMatchObject({ code: 0 })
  })

  it.each([
    [['set', 'ticketing', 'share=101'], 2, 'share: expected a number from 0.01 to 100'],
    [['set', 'ticketing', 'shareprcnt=1'], 2, 'did you mean share?'],
    [['set', 'ticketing', 'share'], 2, 'expected field=value'],
    [['set', 'nobody', 'share=5'], 1, 'there is no route'],
    [['restore', 'ticketing', '9'], 1, 'has no version 9'],
    [['restore', 'ticketing', 'x'], 2, 'expected a whole number'],
    [['versions', 'nobody'], 1, 'there never was'],
    [['apply', '-f', '/nowhere.yaml'], 2, '/nowhere.yaml cannot be read'],
    [['apply'], 2, '--file'],
    [['export', 'nobody'], 1, 'there is no route'],
  ])('%j ends with %s', async (args, code, told) => {
    const ran = await understudy(['routes', ...args], env)
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toContain(told)
  })

  it('exports what apply takes back without a change', async () => {
    const { out } = await understudy(['routes', 'export'], env)
    expect(parseRoutesFile(out, 'out').ok).toBe(true)
    expect(out).not.toContain('protect')
    const path = await file(out)
    const same = await understudy(['routes', 'diff', '-f', path], env)
    expect(same).toMatchObject({ code: 0, out: 'unchanged  ticketing\nunchanged  billing\n' })
    const changed = await file(out.replace('name: billing', 'name: billing\n    share: 55'))
    const diff = await understudy(['routes', 'diff', '-f', changed], env)
    expect(diff).toMatchObject({
      code: 3,
      out: expect.stringContaining('+share: 55'),
      err: expect.stringContaining('1 of 2 routes differ'),
    })
    expect(await understudy(['routes', 'apply', '-f', changed], env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('changed  billing'),
    })
    const broken = await understudy(['routes', 'apply', '-f', await file('routes:\n  - name: A B\n')], env)
    expect(broken).toMatchObject({ code: 2, err: expect.stringMatching(/routes\.yaml:2:5 .*expected/) })
  })

  it.each(['set', 'enable', 'disable', 'delete', 'versions', 'restore', 'apply', 'diff', 'export'])(
    'has help that begins with examples: %s',
    async (name) => {
      const { code, out } = await understudy(['routes', name, '--help'])
      expect(code).toBe(0)
      expect(out).toMatch(/^Examples:\n {2}understudy routes /)
      expect(out).toContain('--json')
    },
  )
})
