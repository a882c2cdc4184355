// What the HTTP providers of Traefiks fetch: GET /traefik/config/<name>, with ingest's token (the proxy's host has it
// anyway). An empty document would make Traefik forget every overlay, so what is not known is an error: Traefik keeps
// what it has then.
import type { Request, Response } from 'express'
import { messageOf } from '../errors.ts'

export type FetchedConfig = { revision: string; config: unknown }
/** By the Traefik's name. Throws while nothing can be read. */
export type ReadConfigs = () => Promise<ReadonlyMap<string, FetchedConfig>>

export async function answerConfig(request: Request, response: Response, read: ReadConfigs): Promise<void> {
  const refuse = (status: number, detail: string) =>
    void response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title: 'No configuration', status, detail }))
  let configs: ReadonlyMap<string, FetchedConfig>
  try {
    configs = await read()
  } catch (error) {
    return refuse(503, messageOf(error))
  }
  const { name } = request.params
  const known = [...configs.keys()].join(', ')
  if (configs.size === 0)
    return refuse(
      503,
      'nothing is rendered yet: is there a process with the role control, and this Traefik in its UNDERSTUDY_TRAEFIK_API?',
    )
  const [first] = configs.values()
  const wanted = typeof name === 'string' ? configs.get(name) : first
  if (wanted === undefined) return refuse(404, `UNDERSTUDY_TRAEFIK_API names no such Traefik: known are ${known}`)
  if (name === undefined && [...configs.values()].some(({ revision }) => revision !== wanted.revision))
    return refuse(409, `the Traefiks differ: fetch /traefik/config/<name>, one of ${known}`)
  const etag = `"${wanted.revision}"`
  response.set({ ETag: etag, 'Cache-Control': 'no-store' })
  if (request.headers['if-none-match'] === etag) return void response.status(304).end()
  response.status(200).type('application/json').send(JSON.stringify(wanted.config))
}
