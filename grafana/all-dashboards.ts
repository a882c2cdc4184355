// Every dashboard with the file that Grafana is given.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { overview } from './overview.ts'
import { pipelineHealth } from './pipeline-health.ts'
import { safeToPromote } from './safe-to-promote.ts'

export type DashboardFile = { file: string; dashboard: Dashboard }

export function allDashboards(): DashboardFile[] {
  return [
    { file: 'safe-to-promote.json', dashboard: safeToPromote().build() },
    { file: 'overview.json', dashboard: overview().build() },
    { file: 'pipeline-health.json', dashboard: pipelineHealth().build() },
  ]
}

export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`
}
