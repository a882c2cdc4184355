// Every address of the UI and of the API in one place.
const part = encodeURIComponent

/** Pages, as people bookmark them. */
export const pagePath = {
  routes: () => '/routes',
  newRoute: () => '/routes/new',
  route: (name: string, tab?: string) => `/routes/${part(name)}${tab ? `?tab=${part(tab)}` : ''}`,
  comparisons: (filters: Record<string, string | undefined> = {}) => `/comparisons${search(filters)}`,
  comparison: (id: string) => `/comparisons/${part(id)}`,
  live: (filters: Record<string, string | undefined> = {}) => `/live${search(filters)}`,
  discovery: () => '/discovery',
  changes: (route?: string) => `/changes${search({ route })}`,
  pipeline: () => '/pipeline',
}

const v1 = '/api/v1'
export const apiPath = {
  /** What is served here. Not the whole of OpenAPI, which is large. */
  index: '/',
  status: '/api/status',
  metrics: '/metrics',
  session: `${v1}/session`,
  overview: `${v1}/overview`,
  routes: `${v1}/routes`,
  route: (name: string) => `${v1}/routes/${part(name)}`,
  report: (name: string) => `${v1}/routes/${part(name)}/report`,
  verdict: (name: string) => `${v1}/routes/${part(name)}/verdict`,
  versions: (name: string) => `${v1}/routes/${part(name)}/versions`,
  restore: (name: string) => `${v1}/routes/${part(name)}/restore`,
  acceptControl: (name: string) => `${v1}/routes/${part(name)}/control/accept`,
  rules: (name: string) => `${v1}/routes/${part(name)}/rules`,
  rule: (name: string, id: string) => `${v1}/routes/${part(name)}/rules/${part(id)}`,
  rulePreview: (name: string) => `${v1}/routes/${part(name)}/rules/preview`,
  acceptProposal: (name: string, id: string) => `${v1}/routes/${part(name)}/rules/proposals/${part(id)}/accept`,
  comparisons: `${v1}/comparisons`,
  comparison: (id: string) => `${v1}/comparisons/${part(id)}`,
  curl: (id: string) => `${v1}/comparisons/${part(id)}/curl`,
  replay: (id: string) => `${v1}/comparisons/${part(id)}/replay`,
  har: (id: string) => `${v1}/comparisons/${part(id)}/har`,
  discovery: `${v1}/discovery`,
  events: `${v1}/events`,
  audit: `${v1}/audit`,
}

/** A part of an address as it was meant; as it stands where it is not well formed. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function search(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}
