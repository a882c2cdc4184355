// What all dashboards share: names, time, links to each other, and the marks of what people and rollouts did.
import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { postgres } from './queries.ts'
import { datasourceVariable } from './variables.ts'

export const uids = {
  safeToPromote: 'understudy-route',
  overview: 'understudy-overview',
  pipeline: 'understudy-pipeline',
} as const

export function frame(uid: string, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['understudy'])
    .editable()
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(datasourceVariable())
    .link(
      new DashboardLinkBuilder('Understudy')
        .type(DashboardLinkType.Dashboards)
        .tags(['understudy'])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
}

/** A line through every graph where a route, a rule, a verdict or a rollout changed. */
export function changes(filter: string): AnnotationQueryBuilder {
  const target = {
    refId: 'Anno',
    editorMode: 'code',
    rawQuery: true,
    format: 'table',
    rawSql: `SELECT at AS time, kind || coalesce(' ' || route, '') || ' by ' || actor AS text, kind AS tags
FROM events WHERE $__timeFilter(at)${filter} ORDER BY at DESC LIMIT 200`,
  }
  return new AnnotationQueryBuilder()
    .name('Changes')
    .datasource(postgres)
    .enable(true)
    .iconColor('purple')
    .target({ build: () => target as unknown as NonNullable<AnnotationQuery['target']> })
}
