// A running API over fakes, on a port of its own.

import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi } from '../../collector/api/app.ts'
import type { Discovery } from '../../collector/api/discovery-schemas.ts'
import type { ApiParts, LiveEvent } from '../../collector/api/parts.ts'
import type { RouteEntry, RouteTurn } from '../../collector/store/route-store.ts'
import { parseRoute } from '../../plugin-config/route.ts'
import { contractStore } from './comparison-reader-contract.ts'
import { createFakeReader } from './fake-comparison-reader.ts'
import { fakeDifferences } from './fake-differences.ts'
import { fakeVerdicts } from './fake-verdicts.ts'
import { baseMs } from './stored-rows.ts'

/** Routes as if they were stored; changes leave no trace (tests/integration/routes-api.test.ts has the real store). */
const fakeEntries: RouteEntry[] = ['ticketing', 'billing'].map((name) => {
  const url = 'http://127.0.0.1:3000'
  const parsed = parseRoute(
    { name, rule: `Host(\`${name}\`)`, primary: { url }, shadows: [{ name: 'shadow', url }] },
    'rest',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const at = new Date(baseMs).toISOString()
  const told = { managedBy: 'rest' as const, createdAt: at, updatedAt: at, updatedBy: 'rest', seed: null }
  return { route: parsed.route, version: 3, ...told }
})
const fakeTurn: RouteTurn = {
  list: async () => fakeEntries,
  get: async (name) => fakeEntries.find((entry) => entry.route.name === name),
  version: async () => undefined,
  put: async (route) => ({ ...(fakeEntries[0] as RouteEntry), route, version: 4 }),
  remove: async () => undefined,
}

export type Answer = { status: number; headers: Headers; text: string; json: unknown }

export const emptyDiscovery: Discovery = {
  ...{ traefiks: [], docker: null, entryPoints: [], routers: [], services: [], pairs: [], proposals: [], problems: [] },
}

export type TestApi = {
  url: string
  port: number
  parts: ApiParts
  logged: { level: string; message: unknown; fields: unknown }[]
  emit(event: LiveEvent): void
  listeners(): number
  /** Called with the next request that arrives. */
  onRequest(act: () => void): void
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  send(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: string | Buffer },
  ): Promise<Answer>
  close(): Promise<void>
}

export async function startApi(changed: Partial<ApiParts> = {}): Promise<TestApi> {
  const logged: TestApi['logged'] = []
  const listeners = new Set<(event: LiveEvent) => void>()
  const logAt = (level: string) => (fields: unknown, message?: unknown) => void logged.push({ level, message, fields })
  let requests = 0
  const parts: ApiParts = {
    version: '1.2.3',
    startedAtMs: baseMs,
    reader: createFakeReader(contractStore()),
    differences: fakeDifferences(),
    reports: {
      counts: async () => ({
        firstMinuteMs: baseMs,
        lastMinuteMs: baseMs,
        compared: 90,
        unpaired: { 'no-shadow': 4 },
        dropped: { 'pending-full': 1 },
        variants: { shadow: { compared: 90, unpaired: 4 } },
        endpoints: [
          {
            endpoint: 'GET /x',
            variant: 'shadow',
            pairs: 90,
            outcomes: { match: 80, noise: 0, different: 9, incomplete: 1 },
          },
        ],
        endpointsCut: false,
      }),
      taps: async () => ({
        tapped: 100,
        dropped: { 'queue-full': 2 },
        shed: { 'shed-breaker': 7 },
        instances: 1,
        reportedAtMs: baseMs,
      }),
    },
    audit: {
      list: async ({ route, limit, beforeId = 4 }) =>
        [3, 2, 1]
          .filter((id) => id < beforeId)
          .slice(0, limit)
          .map((id) => ({
            id,
            at: new Date(baseMs + id).toISOString(),
            kind: 'route.changed',
            route: route ?? 'ticketing',
            actor: 'rest',
            details: { before: null, after: { share: id } },
          })),
    },
    overview: { trends: async () => [] },
    standings: { standings: async () => new Map() },
    status: async () => ({
      components: [
        { name: 'kafka', state: 'ok', detail: '127.0.0.1:9092' },
        { name: 'taps', state: 'degraded', detail: 'none has reported yet', mend: 'send a request', required: false },
      ],
    }),
    metricsText: async () => '# HELP understudy_build_info x\n',
    routes: () => fakeEntries.map((entry) => entry.route),
    routeBook: {
      isKnown: () => true,
      entries: () => fakeEntries,
      external: () => [],
      acceptedControls: async () => ({}),
      setAcceptedControl: async () => undefined,
      settle: async () => true,
      targetProblems: async () => [],
      renderInput: () => ({ base: [], services: [], tap: { ingestUrl: 'http://x', tokenFile: '', hmacKeyFile: '' } }),
      change: (work) => work(fakeTurn),
      versions: async () => [],
    },
    overlayState: (name) =>
      name === 'ticketing' ? { state: 'applied', reason: null } : { state: 'refused', reason: 'priority taken' },
    verdicts: fakeVerdicts(),
    pairWindowMs: 45_000,
    discovery: async () => emptyDiscovery,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    overlay: { off: async () => ({ overlay: 'off', routes: 2 }), on: async () => ({ overlay: 'on', routes: 2 }) },
    allowedHosts: [],
    log: {
      debug: logAt('debug'),
      info: logAt('info'),
      warn: logAt('warn'),
      error: logAt('error'),
    } as unknown as ApiParts['log'],
    now: () => baseMs + 60_000,
    newRequestId: () => `request-${++requests}`,
    ...changed,
  }
  const server = createServer(createApi(parts))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const send: TestApi['send'] = (method, path, options = {}) =>
    new Promise((done, failed) => {
      // node:http rather than fetch: tests set Host, Origin and odd paths, which fetch keeps to itself.
      const request = httpRequest(
        { host: '127.0.0.1', port, method, path, headers: options.headers ?? {}, agent: false },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const headers = new Headers(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)] as [string, string]),
            )
            const isJson = /json/.test(headers.get('content-type') ?? '') && text !== ''
            done({ status: response.statusCode ?? 0, headers, text, json: isJson ? JSON.parse(text) : undefined })
          })
        },
      )
      request.on('error', failed)
      request.end(options.body)
    })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    parts,
    logged,
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    listeners: () => listeners.size,
    onRequest: (act) => void server.once('request', act),
    get: (path, headers) => send('GET', path, headers ? { headers } : {}),
    send,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
