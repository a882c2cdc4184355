// What Grafana does to a panel's query before it sends it: variables and macros replaced by what they stand for.
export type Chosen = { route: string; variant: string; fromMs: number; toMs: number }

type Target = { expr?: string; rawSql?: string }
type Panel = { type: string; title: string; targets?: Target[] }
export type PanelQuery = { panel: string; expr?: string; sql?: string }

export function queriesOf(dashboard: object): PanelQuery[] {
  const { panels = [] } = dashboard as { panels?: Panel[] }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, rawSql }) => ({
      panel: title,
      ...(expr !== undefined && { expr }),
      ...(rawSql !== undefined && { sql: rawSql }),
    })),
  )
}

export function annotationsOf(dashboard: object): string[] {
  const { annotations } = dashboard as { annotations?: { list?: { target?: { rawSql?: string } }[] } }
  return (annotations?.list ?? []).flatMap(({ target }) => target?.rawSql ?? [])
}

export function filledExpr(expr: string, chosen: Chosen): string {
  const seconds = Math.ceil((chosen.toMs - chosen.fromMs) / 1000)
  return expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', `${seconds}s`)
    .replaceAll('$route', chosen.route)
    .replaceAll('$variant', chosen.variant)
}

/** Throws when a variable or macro is left. */
export function filledSql(sql: string, chosen: Chosen): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const time = (ms: number) => quoted(new Date(ms).toISOString())
  const filled = sql
    .replaceAll(
      /\$__timeFilter\((\w+)\)/g,
      (_, column) => `${column} BETWEEN ${time(chosen.fromMs)} AND ${time(chosen.toMs)}`,
    )
    .replaceAll(`\${route:sqlstring}`, quoted(chosen.route))
    .replaceAll(`\${variant:sqlstring}`, quoted(chosen.variant))
  if (filled.includes('$')) throw new Error(`unknown to Grafana or to this helper: ${filled}`)
  return filled
}
