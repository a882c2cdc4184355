// A route as the text of a routes file: every field that matters is written out, because a file has other defaults.
import { stringify } from 'yaml'
import type { Route } from '../../plugin-config/route.ts'

const HEADER = `# Written by \`npm start\` at each start; its routes are kept in the database and can be changed there. For routes of your own: npm start -- --config understudy.yaml\n`

export const noRoutesText = `${HEADER}routes: []\n`

export function routesText(route: Route): string {
  const { name, rule, primary, shadows, share, methods, operations, control, protect, store, exposeId } = route
  const written = { name, rule, primary, shadows, share, methods, operations, control, protect, store, exposeId }
  return HEADER + stringify({ routes: [written] }, { lineWidth: 0, aliasDuplicateObjects: false })
}
