// The dashboards as they are generated: what every panel owes a person who looks at it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { createMetrics } from '../../collector/metrics/metrics.ts'
import { allDashboards, dashboardText } from '../../grafana/all-dashboards.ts'
import { prometheus } from '../../grafana/queries.ts'

const GRAFANA = resolve(import.meta.dirname, '../../grafana')
const read = (path: string) => readFileSync(join(GRAFANA, path), 'utf8')

type Panel = {
  type: string
  title: string
  description?: string
  gridPos: { x: number; w: number }
  fieldConfig: { defaults: { noValue?: string } }
  targets?: { expr?: string; rawSql?: string; datasource: { uid: string } }[]
}
const panelsOf = (dashboard: object) =>
  (dashboard as { panels: Panel[] }).panels.filter((panel) => panel.type !== 'row')

const dashboards = allDashboards()

describe('the dashboards', () => {
  it('are committed as the code makes them: npm run dashboards', () => {
    expect(readdirSync(join(GRAFANA, 'dashboards')).sort()).toEqual(dashboards.map(({ file }) => file).sort())
    for (const { file, dashboard } of dashboards) expect(read(`dashboards/${file}`)).toBe(dashboardText(dashboard))
  })

  it.each(dashboards)(
    '$file: each panel says what it shows, what it says before there is traffic, and fits',
    ({ dashboard }) => {
      const panels = panelsOf(dashboard)
      expect(panels.length).toBeGreaterThan(5)
      for (const panel of panels) {
        expect([panel.title, panel.description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/\.$/)])
        expect([panel.title, panel.fieldConfig.defaults.noValue]).toEqual([panel.title, expect.stringMatching(/^no /)])
        expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24)
      }
    },
  )

  it('never put what was captured or chosen into SQL unquoted', () => {
    const statements = dashboards.flatMap(({ dashboard }) =>
      panelsOf(dashboard).flatMap(({ targets = [] }) => targets.flatMap(({ rawSql }) => rawSql ?? [])),
    )
    expect(statements.length).toBeGreaterThan(0)
    for (const sql of statements) expect(sql.match(/\$\{?(route|variant)\b(?!:sqlstring)/g)).toBeNull()
  })

  it('ask only for metrics that the collector has, or Prometheus itself', async () => {
    const own = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name)
    const rules = parse(read('prometheus/rules/recording.rules.yml')) as { groups: { rules: { record: string }[] }[] }
    const recorded = rules.groups.flatMap((group) => group.rules.map(({ record }) => record))
    const expressions = dashboards.flatMap(({ dashboard }) =>
      panelsOf(dashboard).flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr ?? [])),
    )
    const asked = expressions.join('\n').match(/\b(understudy|process|nodejs)[a-z0-9_:]+/g) ?? []
    const unknown = [...new Set(asked)].filter(
      (name) =>
        name !== 'understudy_verdict' && !recorded.includes(name) && !own.includes(name.replace(/_bucket$/, '')),
    )
    expect(unknown).toEqual([])
  })

  it('and the rules leave out no metric of ours but who leads and what is built', async () => {
    const own = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name)
    const rules = ['alerts', 'recording'].map((name) => read(`prometheus/rules/${name}.rules.yml`))
    const everything = [...dashboards.map(({ dashboard }) => dashboardText(dashboard)), ...rules].join('\n')
    const unseen = own.filter(
      (name) => name.startsWith('understudy_') && !new RegExp(`${name}(?![a-z])`).test(everything),
    )
    expect(unseen.sort()).toEqual(['understudy_build_info', 'understudy_control_leader'])
  })

  it('are linked by uids that stay', () => {
    expect(dashboards.map(({ dashboard }) => dashboard.uid)).toEqual([
      'understudy-route',
      'understudy-overview',
      'understudy-pipeline',
    ])
  })
})

describe('the provisioning', () => {
  it('names the data sources that the dashboards ask', () => {
    const given = parse(read('provisioning/datasources/understudy.yaml')) as { datasources: { uid: string }[] }
    const uids = given.datasources.map(({ uid }) => uid)
    const asked = dashboards.flatMap(({ dashboard }) =>
      panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid)),
    )
    expect([...new Set(asked)].sort()).toEqual([prometheus.uid, 'understudy-postgres'])
    expect(uids.sort()).toEqual(['understudy-postgres', 'understudy-prometheus'])
  })
})

describe('the alert rules', () => {
  type Rule = { alert: string; annotations: { runbook: string } }
  const rules = (parse(read('prometheus/rules/alerts.rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  )

  it.each(rules)('$alert has a runbook in README and a case in which it fires', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`grafana/README.md#${alert.toLowerCase()}`)
    expect(read('README.md')).toContain(`### ${alert}\n`)
    const front = readFileSync(resolve(GRAFANA, '../README.md'), 'utf8')
    expect(front).toContain(`(${annotations.runbook})`)
    const cases = parse(read('prometheus/alerts.test.yml')) as {
      tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[]
    }
    const fired = cases.tests.flatMap((one) => one.alert_rule_test ?? []).filter((one) => one.exp_alerts.length > 0)
    expect(fired.map(({ alertname }) => alertname)).toContain(alert)
  })
})
