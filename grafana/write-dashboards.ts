// `npm run dashboards`: writes the dashboards' JSON anew. A test tells when the files and the code have drifted apart.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allDashboards, dashboardText } from './all-dashboards.ts'

for (const { file, dashboard } of allDashboards()) {
  writeFileSync(join(import.meta.dirname, 'dashboards', file), dashboardText(dashboard))
  console.log(`wrote grafana/dashboards/${file}`)
}
