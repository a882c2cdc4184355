// Templates of paths that were learned from traffic, kept so that a restart names endpoints as before.
import type pg from 'pg'
import { storableText } from '../core/storable.ts'

const MAX_TEMPLATES = 50_000

export async function readTemplates(pool: Pick<pg.Pool, 'query'>): Promise<Map<string, string[]>> {
  const { rows } = await pool.query<{ route: string; templates: string[] }>(
    `SELECT route, array_agg(template ORDER BY template) AS templates
     FROM (SELECT route, template FROM endpoint_templates LIMIT ${MAX_TEMPLATES}) AS kept GROUP BY route`,
  )
  return new Map(rows.map(({ route, templates }) => [route, templates]))
}

export async function writeTemplates(
  pool: Pick<pg.Pool, 'query'>,
  templates: readonly { route: string; template: string }[],
): Promise<void> {
  if (templates.length === 0) return
  await pool.query(
    `INSERT INTO endpoint_templates (route, template) SELECT DISTINCT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT DO NOTHING`,
    [templates.map(({ route }) => storableText(route)), templates.map(({ template }) => storableText(template))],
  )
}
