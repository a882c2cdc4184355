// What the panels ask: Prometheus' expressions and PostgreSQL's statements, as Grafana wants them.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'

/** Chosen on the dashboard; provisioned with the fixed uid `understudy-prometheus`. */
export const prometheus = { type: 'prometheus', uid: `\${datasource}` }
/** Fixed, so that panels keep working over upgrades. */
export const postgres = { type: 'grafana-postgresql-datasource', uid: 'understudy-postgres' }

/** A range query; `legend` may name labels as `{{reason}}`. */
export function over(expr: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().expr(expr).legendFormat(legend).range().datasource(prometheus)
}

/** The value now, one row a series. */
export function now(expr: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().expr(expr).legendFormat(legend).instant().datasource(prometheus)
}

/** The same as a table's rows. */
export function nowAsTable(refId: string, expr: string): DataqueryBuilder {
  return now(expr)
    .format('table' as never)
    .refId(refId)
}

/** A statement whose rows are a table. Variables must be quoted by Grafana: `${route:sqlstring}`. */
export function rowsOf(rawSql: string): Builder<Dataquery> {
  const query = { refId: 'A', datasource: postgres, format: 'table', rawQuery: true, editorMode: 'code', rawSql }
  return { build: () => query as unknown as Dataquery }
}
