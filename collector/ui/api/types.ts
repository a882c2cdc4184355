// The API's own types under one roof, and those of operations that a server may or may not offer (see features.ts).

import type * as SaidAudit from '../../api/audit-schemas.ts'
import type * as SaidDiscovery from '../../api/discovery-schemas.ts'
import type * as SaidHistory from '../../api/history-schemas.ts'
import type * as SaidOverview from '../../api/overview-schemas.ts'
import type * as SaidRules from '../../api/rule-schemas.ts'
import type * as Said from '../../api/schemas.ts'
import type { Session as SaidSession } from '../../api/session-schemas.ts'
import type * as SaidVerdict from '../../api/verdict-schemas.ts'

export type Comparison = Said.Comparison
export type ComparisonSummary = Said.ComparisonSummary
export type ComparisonPage = Said.ComparisonPage
export type Difference = Said.Comparison['differences'][number]
export type SideInFull = Said.Comparison['primary']
export type Outcome = Said.Comparison['outcome']
export type Status = Said.Status
export type Session = SaidSession
export type OverviewRoute = SaidOverview.Overview['items'][number]
export type Overview = SaidOverview.Overview

export type Target = { service?: string; url?: string }
export type Protect = { rate?: number; burst?: number; inFlight?: number; timeoutMs?: number }
export type Store = 'all' | 'differing' | { sample: number }
export type ManagedBy = 'file' | 'rest' | 'flags' | 'label' | 'external'

/** What a person writes of a route. */
export type RouteInput = {
  name: string
  rule?: string
  entryPoints?: string[]
  priority?: number
  primary: Target
  shadows: ({ name: string; sandbox?: boolean } & Target)[]
  control?: number | { url: string; percent: number }
  share?: number
  methods?: string[]
  operations?: string[]
  store?: Store
  exposeId?: boolean
  enabled?: boolean
  protect?: Protect
  captureBytes?: number
  maxBodySize?: number
}
export type Route = RouteInput & {
  state: 'applied' | 'pending' | 'refused' | 'waiting' | 'off'
  reason: string | null
  version?: number
  managedBy?: ManagedBy
  updatedAt?: string
  updatedBy?: string
  canary?: { weight?: number } | null
}
export type RoutePage = { items: Route[]; nextCursor: string | null }
/** Left out: as the API proposes it. */
export type AcceptedControl = { percent?: number; rate?: number }
/** `notes`: what the preview could not know. */
export type DryRun = { before: string | null; after: string | null; diff: string; notes?: string[] }
export type RouteVersion = {
  version: number
  at: string
  actor: string
  action: 'created' | 'changed' | 'deleted' | 'restored'
  route: RouteInput
}

export type VerdictName = Verdict['verdict']
export type Verdict = SaidVerdict.VerdictView
export type EndpointVerdict = SaidVerdict.EndpointVerdictView

export type Report = Said.Report
export type Coverage = Said.Report['coverage']
export type Cause = Said.Report['causes'][number]
export type Field = Said.Report['fields'][number]
export type Quantiles = NonNullable<Said.Report['latency']['primary']>
export type Replay = SaidHistory.Replay

export type RuleInput = {
  name?: string
  at: string | string[]
  treat: unknown
  endpoint?: string | string[]
  kinds?: Difference['kind'][]
  until?: string | { version: string }
  owner?: string
  comment?: string
}
export type Rule = Omit<SaidRules.RuleView, 'rule'> & { rule: RuleInput }
export type Proposal = Omit<SaidRules.RuleProposal, 'rule'> & { rule: RuleInput }
export type Rules = Omit<SaidRules.RuleList, 'items' | 'proposals'> & { items: Rule[]; proposals: Proposal[] }
export type Noise = Rules['noise'][number]
export type RulePreview = SaidRules.RulePreview

export type Discovery = SaidDiscovery.Discovery
export type AuditEvent = SaidAudit.AuditEvent
export type AuditPage = SaidAudit.AuditPage
