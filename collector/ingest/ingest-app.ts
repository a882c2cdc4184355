// Where taps deliver: POST /v1/taps. 202 only when Kafka has every record on all in-sync replicas; 429 or 503 with
// Retry-After asks the tap to keep the batch; any other 4xx says that repeating it is no use.
import { timingSafeEqual } from 'node:crypto'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import type { BatchHeader } from '../core/tap-record.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import type { OutRecord } from '../kafka/producer.ts'
import { type CutRecord, cutBatch } from './cut-batch.ts'
import { answerConfig, type ReadConfigs } from './traefik-config.ts'

export type Redactor = {
  /** Asked about many lines at once, read as latin1; false is certain. */
  mayHoldSecret: (latin1: string) => boolean
  /** The line to write in place of the record's. */
  clear: (record: CutRecord) => Buffer
}

export type IngestPorts = {
  token: string | undefined
  /** Resolves when all are acknowledged; throws an UnderstudyError. */
  write: (records: OutRecord[], bytes: number) => Promise<void>
  /** Replaces secrets before anything is queued. */
  redactor: Redactor
  /** `isTaken` says whether the batch itself will be answered with 202. */
  reported: (header: BatchHeader, isTaken: boolean) => void
  /** What Traefiks fetch; left out where nothing is served to them. */
  configs?: ReadConfigs | undefined
  acknowledged: (records: readonly CutRecord[], seconds: number) => void
  refused: (
    reason: 'malformed' | 'unauthorised' | 'too-large' | 'unsupported' | 'overloaded' | 'unavailable',
    records: number,
  ) => void
}

export const MAX_BATCH_BYTES = 8 * 1024 * 1024

export function createIngestApp(ports: IngestPorts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  app.post(
    '/v1/taps',
    authorise,
    express.raw({ type: ['application/x-ndjson', 'application/ndjson'], limit: MAX_BATCH_BYTES }),
    receive,
  )
  const { configs } = ports
  if (configs)
    app.get(['/traefik/config', '/traefik/config/:name'], authorise, (request, response) =>
      answerConfig(request, response, configs),
    )
  app.all('/v1/taps', (_request, response) =>
    problem(response.setHeader('Allow', 'POST'), 405, 'Method not allowed', 'expected POST'),
  )
  app.use((request, response) => problem(response, 404, 'Not found', `${request.path}: taps deliver to POST /v1/taps`))
  app.use(failed)
  return app

  function authorise(request: Request, response: Response, next: () => void) {
    if (ports.token === undefined || carries(request.headers.authorization, ports.token)) return next()
    ports.refused('unauthorised', 0)
    problem(
      response.setHeader('WWW-Authenticate', 'Bearer'),
      401,
      'Unauthorised',
      'expected the token of UNDERSTUDY_INGEST_TOKEN_FILE as a bearer token',
    )
  }

  async function receive(request: Request, response: Response) {
    const started = performance.now()
    if (!Buffer.isBuffer(request.body)) {
      // express.raw leaves a body of another type alone; an empty one of the right type never reaches it.
      if (request.is(['application/x-ndjson', 'application/ndjson']) || request.headers['content-length'] === '0') {
        ports.refused('malformed', 0)
        return problem(response, 400, 'Malformed batch', 'line 1: empty: expected the batch header as the first line')
      }
      ports.refused('unsupported', 0)
      return problem(
        response,
        415,
        'Unsupported media type',
        `${request.headers['content-type'] ?? 'no content type'}: expected application/x-ndjson`,
      )
    }
    const charset = charsetOf(request)
    if (charset !== undefined && !UTF_8.test(charset)) {
      ports.refused('unsupported', 0)
      return problem(response, 415, 'Unsupported media type', `charset ${charset}: expected utf-8, as NDJSON is`)
    }
    const cut = cutBatch(request.body, ports.redactor.mayHoldSecret)
    if (!cut.ok) {
      ports.refused('malformed', 0)
      return problem(response, 400, 'Malformed batch', `line ${cut.problem.line}: ${cut.problem.message}`)
    }
    const { header, records } = cut.batch
    try {
      await ports.write(
        records.map((record) => ({ key: record.id, value: ports.redactor.clear(record) })),
        request.body.length,
      )
    } catch (error) {
      const overloaded = error instanceof UnderstudyError && error.code === 'ingest-overloaded'
      ports.refused(overloaded ? 'overloaded' : 'unavailable', records.length)
      ports.reported(header, false)
      return problem(response.setHeader('Retry-After', '1'), overloaded ? 429 : 503, 'Try again', messageOf(error))
    }
    ports.reported(header, true)
    ports.acknowledged(records, (performance.now() - started) / 1000)
    response.status(202).json({ accepted: records.length })
  }
}

/** ASCII is UTF-8. */
const UTF_8 = /^(utf-?8|us-ascii)$/i

function charsetOf(request: Request): string | undefined {
  return /;\s*charset\s*=\s*"?([^";\s]{1,40})/i.exec(request.headers['content-type'] ?? '')?.[1]
}

const failed: ErrorRequestHandler = (
  error: { status?: number; message?: string; type?: string },
  _request,
  response,
  _next,
) => {
  const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500
  if (response.headersSent) return void response.destroy()
  const title =
    status === 413
      ? 'Batch too large'
      : status === 415
        ? 'Unsupported encoding'
        : status === 500
          ? 'Unexpected'
          : 'Bad request'
  const detail =
    status === 413
      ? `more than ${MAX_BATCH_BYTES} bytes (after decoding)`
      : (error.message ?? 'the body could not be read')
  problem(response, status, title, detail)
}

/** As a bearer token, or as the password of basic authentication, for whoever can only put it into a URL. */
function carries(header: string | undefined, token: string): boolean {
  const basic = /^Basic ([A-Za-z0-9+/=]{1,2000})$/.exec(header ?? '')?.[1]
  const pair = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8')
  const given = Buffer.from(basic === undefined ? (header ?? '') : `Bearer ${pair.slice(pair.indexOf(':') + 1)}`)
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function problem(response: Response, status: number, title: string, detail: string): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }))
}
