// Reads a Docker engine, and nothing else: two GETs over a Unix socket or TCP, bounded in time and bytes.

import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { Container } from '../../plugin-config/container-services.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import { messageOf, UnderstudyError } from '../errors.ts'

export type DockerApi = {
  /** Where it is, as it may be shown. */
  host: string
  /** The running containers. Throws `docker-unavailable` (retriable). */
  containers: () => Promise<Container[]>
  /**
   * Calls `happened` for every container that starts, ends or changes its health, until the stream ends or `signal`
   * aborts. Resolves then; throws `docker-unavailable` when it cannot be opened. `opened`: events come from now on.
   */
  events: (options: { opened: () => void; happened: () => void; signal: AbortSignal }) => Promise<void>
}

export type DockerAddress = { socketPath: string } | { host: string; port: number }

const MAX_BYTES = 32 * 1024 * 1024
const MAX_CONTAINERS = 5_000
const EVENTS = ['start', 'die', 'destroy', 'rename', 'pause', 'unpause', 'health_status']

/** `unix:///var/run/docker.sock`, `/var/run/docker.sock` or `tcp://host:2375`; undefined for anything else. */
export function dockerAddress(text: string): DockerAddress | undefined {
  const path = text.startsWith('unix://') ? text.slice('unix://'.length) : text
  if (path.startsWith('/')) return { socketPath: path }
  const found = /^(?:tcp|http):\/\/([A-Za-z0-9._-]+|\[[0-9a-f:.]+\]):(\d{1,5})\/?$/.exec(text)
  const [, host = '', port = ''] = found ?? []
  if (!found || Number(port) < 1 || Number(port) > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

export function createDockerApi(options: { host: string; timeoutMs?: number }): DockerApi {
  const { host, timeoutMs = 10_000 } = options
  const address = dockerAddress(host)
  if (address === undefined) throw unavailable(host, 'is no address of a Docker engine')
  const fail = (error: unknown) => unavailable(host, hintOf(error))

  const open = (path: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      // `Host: docker` as Docker's own client sends over a socket.
      const request: ClientRequest = get({ ...address, path, signal, headers: { Host: 'docker' }, agent: false })
      request.once('response', resolve)
      request.on('error', reject)
    })

  return {
    host,
    async containers() {
      try {
        const response = await open('/containers/json', AbortSignal.timeout(timeoutMs))
        const text = await boundedText(response)
        if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode} for /containers/json`)
        const list: unknown = JSON.parse(text)
        if (!Array.isArray(list)) throw new Error('/containers/json is no list')
        return list.slice(0, MAX_CONTAINERS).flatMap(containerOf)
      } catch (error) {
        throw fail(error)
      }
    },
    async events({ opened, happened, signal }) {
      const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: EVENTS }))
      try {
        const late = AbortSignal.timeout(timeoutMs)
        const opening = new AbortController()
        const stop = () => opening.abort()
        late.addEventListener('abort', stop)
        signal.addEventListener('abort', stop)
        if (signal.aborted) return
        const response = await open(`/events?filters=${filters}`, opening.signal)
        late.removeEventListener('abort', stop)
        if (response.statusCode !== 200) {
          response.destroy()
          throw new Error(`HTTP ${response.statusCode} for /events`)
        }
        opened()
        // A line is not read: whatever happened, the list is read again.
        for await (const _line of createInterface({ input: response })) happened()
      } catch (error) {
        if (!signal.aborted) throw fail(error)
      }
    },
  }
}

function containerOf(shown: unknown): Container[] {
  if (!isRecord(shown) || typeof shown.Id !== 'string') return []
  const [name = shown.Id.slice(0, 12)] = Array.isArray(shown.Names) ? shown.Names.map(String) : []
  const networks = isRecord(shown.NetworkSettings) ? shown.NetworkSettings.Networks : undefined
  const ports = Array.isArray(shown.Ports) ? shown.Ports : []
  return [
    {
      id: shown.Id,
      name: name.replace(/^\//, ''),
      image: text(shown.Image),
      imageId: text(shown.ImageID),
      state: text(shown.State),
      health: /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(text(shown.Status))?.[1] ?? '',
      labels: labelsOf(shown.Labels),
      networks: Object.entries(isRecord(networks) ? networks : {}).map(([network, each]) => ({
        name: network,
        address: isRecord(each) ? text(each.IPAddress) : '',
      })),
      ports: [
        ...new Set(
          ports.flatMap((each) => (isRecord(each) && typeof each.PrivatePort === 'number' ? [each.PrivatePort] : [])),
        ),
      ],
    },
  ]
}

function labelsOf(shown: unknown): Record<string, string> {
  const own = Object.entries(isRecord(shown) ? shown : {}).filter(([, value]) => typeof value === 'string')
  return Object.assign(Object.create(null), Object.fromEntries(own)) as Record<string, string>
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

async function boundedText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function hintOf(error: unknown): string {
  const code = isRecord(error) ? error.code : undefined
  if (code === 'EACCES')
    return 'may not be read by this user: hand in a socket proxy that allows GET /containers and /events'
  if (code === 'ENOENT') return 'is not there'
  return messageOf(error)
}

function unavailable(host: string, what: string): UnderstudyError {
  return new UnderstudyError('docker-unavailable', `Docker at ${host}: ${what}`, { retriable: true })
}
