import { expect, it } from '@jest/globals'
import { createLog } from '../../collector/log.ts'
import { openRules } from '../../collector/roles/rule-registry.ts'
import type { StoredRule } from '../../collector/store/rule-store.ts'
import type { Route } from '../../plugin-config/route.ts'
import { parseRules, type Rule } from '../../plugin-config/rules.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const rule = (name: string): Rule => {
  const parsed = parseRules([{ name, at: '/at', treat: 'ignore' }])
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  return parsed.rules[0] as Rule
}

function open() {
  const world = { file: [] as Rule[], routes: [] as Pick<Route, 'name' | 'rules'>[], stored: [] as StoredRule[] }
  const isAway = { value: false }
  const rules = openRules({
    fileRules: () => world.file,
    routes: () => world.routes,
    stored: async () => {
      if (isAway.value) throw new Error('PostgreSQL is away')
      return world.stored
    },
    log: createLog('silent'),
  })
  return { world, isAway, rules }
}

it('holds a rule that another process wrote, once it is told of news', async () => {
  const { world, rules } = open()
  await rules.refresh()
  expect(rules.rulesOf('shop')).toBeNull()
  world.stored = [{ id: '1', route: 'shop', rule: rule('theirs'), createdAtMs: 0, createdBy: 'rest' }]
  rules.look()
  await waitUntil(() => rules.rulesOf('shop') !== null)
  expect(rules.rulesOf('other')).toBeNull()
})

it('holds a changed routes file at once, and without the database', async () => {
  const { world, isAway, rules } = open()
  await rules.refresh()
  expect(rules.rulesOf('shop')).toBeNull()
  isAway.value = true
  world.file = [rule('of the file')]
  rules.look()
  expect(rules.rulesOf('shop')).not.toBeNull()
  world.file = []
  rules.look()
  expect(rules.rulesOf('shop')).toBeNull()
})
