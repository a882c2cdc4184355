// The API's own types under one roof, and those of operations that a server may or may not offer (see features.ts).

import type * as SaidOverview from '../../api/overview-schemas.ts'
import type * as Said from '../../api/schemas.ts'
import type { Session as SaidSession } from '../../api/session-schemas.ts'

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
  state: 'applied' | 'refused' | 'waiting' | 'off'
  reason: string | null
  version?: number
  managedBy?: ManagedBy
  updatedAt?: string
  updatedBy?: string
  canary?: { weight?: number } | null
}
export type RoutePage = { items: Route[]; nextCursor: string | null }
export type DryRun = { route: Route; before: string | null; after: string | null; diff: string }
export type RouteVersion = {
  version: number
  at: string
  actor: string
  action: 'created' | 'changed' | 'deleted' | 'restored'
  route: RouteInput
}

export type VerdictName = 'pass' | 'fail' | 'inconclusive' | 'invalid'
export type Verdict = { verdict: VerdictName; reason: string; since?: string | null } & Record<string, unknown>

export type Cause = {
  id: string
  endpoint: string
  path: string
  kind: Difference['kind']
  valueClass?: string | null
  count: number
  rate: number
  controlRate: number | null
  firstSeen: string
  lastSeen: string
  samples: string[]
  noise: boolean
}
export type Field = {
  endpoint: string
  path: string
  kind: Difference['kind']
  shadowRate: number
  controlRate: number | null
  shadowPairs: number
  controlPairs: number
  noise: boolean
}
export type Quantiles = { p50: number | null; p90: number | null; p99: number | null }
export type Report = Said.Report & {
  verdict?: Verdict | null
  causes?: Cause[]
  fields?: Field[]
  latency?: { primary: Quantiles | null; shadow: Quantiles | null; control: Quantiles | null }
}

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
export type Rule = {
  id: string
  route: string | null
  rule: RuleInput
  owner: string | null
  comment: string | null
  until: string | { version: string } | null
  state: 'active' | 'expired'
  hides: number
  createdAt: string
  createdBy: string
  managedBy: string
}
export type Proposal = {
  id: string
  rule: RuleInput
  reason: string
  evidence: {
    endpoint: string
    path: string
    kind: string
    pairs: number
    differing: number
    examples?: unknown[]
  }
}
export type Noise = { endpoint: string; path: string; kind: string; controlRate: number; pairs: number }
export type Rules = { items: Rule[]; proposals: Proposal[]; noise: Noise[] }
export type RulePreview = { hides: number; of: number; hidden: string[]; stillReal: string[] }

export type Discovery = {
  traefiks: { url: string; version: string | null; reachable: boolean; confirmed?: boolean; detail?: string | null }[]
  routers: { name: string; rule: string; entryPoints?: string[]; service?: string; status?: string }[]
  services: { name: string; provider?: string; status?: string; servers?: unknown }[]
  pairs: {
    primary: string
    shadow: string | null
    variant: string | null
    state: 'paired' | 'ambiguous' | 'unpaired'
    reason: string | null
    route: string | null
  }[]
  problems: { where: string; what: string; mend: string | null }[]
}
