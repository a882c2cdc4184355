// What the demo's clients ask, over and over. Most of it both versions answer alike; the rest is what moving from
// Express 4 to Express 5 really changes. Nothing here changes a row that both sides do not have alike.

export type DemoRequest = {
  /** What a person would call it. */
  name: string
  method: string
  /** Sent as it is written, so it may be malformed. */
  path: string
  headers?: Record<string, string>
  body?: string
}

const API = '/api/ticketing'
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }

export const demoRequests: DemoRequest[] = [
  { name: 'all tickets', method: 'GET', path: `${API}/tickets` },
  { name: 'one ticket', method: 'GET', path: `${API}/tickets/3` },
  { name: 'tickets by a nested filter', method: 'GET', path: `${API}/tickets?filter[status]=open` },
  { name: 'tickets by status', method: 'GET', path: `${API}/tickets?status=closed` },
  { name: 'a ticket that is not there', method: 'GET', path: `${API}/tickets/4711` },
  {
    name: 'a search form with nesting',
    method: 'POST',
    path: `${API}/tickets/search`,
    headers: form,
    body: 'filter[status]=open',
  },
  {
    name: 'a plain search form',
    method: 'POST',
    path: `${API}/tickets/search`,
    headers: form,
    body: 'status=pending&label=upload',
  },
  { name: 'tickets by several statuses', method: 'GET', path: `${API}/tickets?status=open&status=pending` },
  { name: 'tickets by a list of labels', method: 'GET', path: `${API}/tickets?label[]=billing` },
  { name: 'the link to a ticket', method: 'GET', path: `${API}/tickets/5/link` },
  { name: 'a static file', method: 'GET', path: `${API}/static/priorities.json` },
  { name: 'a page of the manual', method: 'GET', path: `${API}/manual/billing/refunds/twice` },
  { name: 'a trailing slash', method: 'GET', path: `${API}/tickets/` },
  {
    name: 'a link that leads back',
    method: 'GET',
    path: `${API}/view/compact`,
    headers: { accept: 'application/json', referer: `${API}/tickets` },
  },
  { name: 'a repeated slash', method: 'GET', path: `${API}//tickets` },
  { name: 'a malformed URL', method: 'GET', path: `${API}/tickets/%E0%A4` },
  { name: 'a page that is not there', method: 'GET', path: `${API}/nowhere` },
  { name: 'the headers of a list', method: 'HEAD', path: `${API}/tickets` },
  // Not mirrored: they change something, and no operation lists them. What they write is there already.
  {
    name: 'a ticket marked again',
    method: 'PATCH',
    path: `${API}/tickets/2`,
    headers: json,
    body: '{"status":"open"}',
  },
  {
    name: 'a ticket without a subject',
    method: 'POST',
    path: `${API}/tickets`,
    headers: json,
    body: '{"priority":"low"}',
  },
]
