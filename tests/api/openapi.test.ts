import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Router } from 'express'
import { createApi } from '../../collector/api/app.ts'
import { openApiDocument } from '../../collector/api/openapi.ts'
import { listOperations } from '../../collector/api/operations.ts'
import { startApi, type TestApi } from './api-server.ts'
import { isValid, type JsonSchema } from './json-schema.ts'
import { baseMs, exchangeIdAt } from './stored-rows.ts'

type Parameter = { name: string; in: string; required: boolean; schema: JsonSchema }
type OperationObject = {
  operationId: string
  summary: string
  parameters?: Parameter[]
  responses: Record<string, { description: string; content: Record<string, { schema: JsonSchema }> }>
  security: unknown[]
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, OperationObject>>
  components: { schemas: Record<string, JsonSchema> }
}

let api: TestApi
let document: Document
beforeAll(async () => {
  api = await startApi()
  document = (await api.get('/openapi.json')).json as Document
})
afterAll(() => api.close())

const everyOperation = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the OpenAPI document', () => {
  it('is 3.1 and names every route that Express serves', () => {
    expect(document.openapi).toBe('3.1.0')
    const router = createApi(api.parts).router as unknown as Router
    const served = router.stack
      .flatMap((layer) => (layer.route ? [layer.route] : []))
      .flatMap((route) =>
        route.stack.flatMap((layer) =>
          layer.method ? [`${layer.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`] : [],
        ),
      )
    const described = everyOperation().map(({ path, method }) => `${method} ${path}`)
    expect([...new Set(served)].sort()).toEqual(described.sort())
  })

  it('is made once, at the first question', () => {
    const operation = listOperations(api.parts).find(({ id }) => id === 'getOpenApi')
    const ask = () => operation?.handle({} as Parameters<typeof operation.handle>[0])
    expect(ask()).toMatchObject({ openapi: '3.1.0' })
    expect(ask()).toBe(ask())
  })

  it('gives every operation an id of its own and every path its parameters', () => {
    const ids = everyOperation().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of everyOperation()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect((operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name)).toEqual(inPath)
      for (const each of operation.parameters ?? [])
        expect(each).toMatchObject({ required: each.in === 'path', schema: expect.any(Object) })
    }
  })

  it('says the range and default of limit, and the words of outcome', () => {
    const parameters = document.paths['/api/v1/comparisons']?.get?.parameters ?? []
    const schemaOf = (name: string) => parameters.find((each) => each.name === name)?.schema
    expect(schemaOf('limit')).toMatchObject({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
    expect(schemaOf('outcome')).toMatchObject({ enum: ['match', 'noise', 'different', 'incomplete'] })
    expect(parameters.every((each) => !each.required)).toBe(true)
  })

  it('has every schema that it refers to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) =>
      String(reference),
    )
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references)
      expect(Object.keys(document.components.schemas)).toContain(reference.replace('#/components/schemas/', ''))
  })

  it('describes open addresses as open, and 401 at every other where a token is set', () => {
    const withToken = openApiDocument(listOperations(api.parts), { version: '1', needsToken: true }) as Document
    for (const [path, methods] of Object.entries(withToken.paths)) {
      for (const [method, { security, responses }] of Object.entries(methods)) {
        const isOpen = ['/api/status', '/healthz', '/readyz', '/api/v1/session'].includes(path)
        const isLogin = path === '/api/v1/session' && method === 'post'
        expect({ path, security, has401: '401' in responses }).toEqual({
          path,
          security: isOpen ? [] : [{ token: [] }],
          has401: !isOpen || isLogin,
        })
      }
    }
    expect(JSON.stringify(document.paths)).not.toContain('{"token":[]}')
  })

  it('describes what is really answered, refusals included', async () => {
    const id = exchangeIdAt(baseMs + 3000)
    const checked = new Set<string>()
    const bodies: Record<string, string> = { '/api/v1/routes/ticketing/generation': '{"reason":"a new image"}' }
    const calls: [string, string, string][] = [
      ...everyOperation()
        .filter(({ path, method }) => method === 'get' && !path.includes('{') && path !== '/api/v1/events')
        .map(({ path }): [string, string, string] => ['get', path, path]),
      ['get', '/api/v1/comparisons', '/api/v1/comparisons?limit=0'],
      ['get', '/api/v1/routes/{name}', '/api/v1/routes/ticketing'],
      ['get', '/api/v1/routes/{name}', '/api/v1/routes/nobody'],
      ['get', '/api/v1/routes/{name}/report', '/api/v1/routes/ticketing/report'],
      ['get', '/api/v1/routes/{name}/report', '/api/v1/routes/ticketing/report?from=2026-07-01T00:00:00Z'],
      ['get', '/api/v1/routes/{name}/rules', '/api/v1/routes/ticketing/rules'],
      ['post', '/api/v1/routes/{name}/rules', '/api/v1/routes/ticketing/rules'],
      ['post', '/api/v1/routes/{name}/rules/preview', '/api/v1/routes/ticketing/rules/preview'],
      [
        'post',
        '/api/v1/routes/{name}/rules/proposals/{id}/accept',
        '/api/v1/routes/ticketing/rules/proposals/1/accept',
      ],
      ['delete', '/api/v1/routes/{name}/rules/{id}', '/api/v1/routes/ticketing/rules/1'],
      ['get', '/api/v1/routes/{name}/verdict', '/api/v1/routes/ticketing/verdict'],
      ['get', '/api/v1/routes/{name}/verdict', '/api/v1/routes/nobody/verdict'],
      ['get', '/api/v1/routes/{name}/verdict/history', '/api/v1/routes/ticketing/verdict/history'],
      ['post', '/api/v1/routes/{name}/generation', '/api/v1/routes/ticketing/generation'],
      ['get', '/api/v1/comparisons/{id}', `/api/v1/comparisons/${id}`],
      ['get', '/api/v1/comparisons/{id}', `/api/v1/comparisons/${exchangeIdAt(baseMs + 5000, 1)}`],
      ['get', '/api/v1/comparisons/{id}/curl', `/api/v1/comparisons/${id}/curl`],
      ['get', '/api/v1/comparisons/{id}/har', `/api/v1/comparisons/${id}/har`],
      ['get', '/api/v1/comparisons/{id}/fixture', `/api/v1/comparisons/${id}/fixture`],
      ['post', '/api/v1/comparisons/{id}/replay', `/api/v1/comparisons/${id}/replay`],
      ['post', '/api/v1/routes/{name}/recompare', '/api/v1/routes/ticketing/recompare'],
      ['get', '/api/v1/exchanges/{id}', `/api/v1/exchanges/${id}`],
      ['get', '/api/v1/exchanges/{id}', '/api/v1/exchanges/x'],
      ['post', '/api/v1/overlay/off', '/api/v1/overlay/off'],
      ['post', '/api/v1/overlay/on', '/api/v1/overlay/on'],
      ['post', '/api/v1/session', '/api/v1/session'],
      ['delete', '/api/v1/session', '/api/v1/session'],
      ['get', '/api/v1/routes/{name}/versions', '/api/v1/routes/ticketing/versions'],
      ['post', '/api/v1/routes', '/api/v1/routes'],
      ['post', '/api/v1/routes/apply', '/api/v1/routes/apply'],
      ['put', '/api/v1/routes/{name}', '/api/v1/routes/ticketing'],
      ['patch', '/api/v1/routes/{name}', '/api/v1/routes/ticketing'],
      ['patch', '/api/v1/routes/{name}', '/api/v1/routes/ticketing?dryRun=true'],
      ['delete', '/api/v1/routes/{name}', '/api/v1/routes/ticketing'],
      ['post', '/api/v1/routes/{name}/control/accept', '/api/v1/routes/ticketing/control/accept'],
      ['delete', '/api/v1/routes/{name}/control/accept', '/api/v1/routes/ticketing/control/accept'],
      ['post', '/api/v1/routes/{name}/restore', '/api/v1/routes/ticketing/restore'],
    ]
    for (const [method, template, path] of calls) {
      const headers = { 'Content-Type': 'application/json' }
      const body = bodies[path]
      const answer = await api.send(method.toUpperCase(), path, body === undefined ? { headers } : { headers, body })
      const response = document.paths[template]?.[method]?.responses[String(answer.status)]
      const type = (answer.headers.get('content-type') ?? '').split(';')[0]
      const [, media] = Object.entries(response?.content ?? {}).find(([key]) => key.split(';')[0] === type) ?? []
      expect({ path, status: answer.status, isDescribed: media !== undefined }).toEqual({
        path,
        status: answer.status,
        isDescribed: true,
      })
      if (media?.schema.$ref)
        expect({ path, problems: isValid(answer.json, media.schema, document.components.schemas) }).toEqual({
          path,
          problems: [],
        })
      checked.add(`${method} ${template}`)
    }
    const all = listOperations(api.parts).map((each) => `${each.method} ${each.path}`)
    expect(all.filter((each) => !checked.has(each))).toEqual(['get /api/v1/events'])
  })
})
