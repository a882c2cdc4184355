import { describe, expect, it } from '@jest/globals'
import { openApiEndpoints } from '../../plugin-config/openapi-endpoints.ts'
import { parseRoute } from '../../plugin-config/route.ts'

const document = `
openapi: 3.1.0
servers: [{ url: https://shop.example/api/v2/ }]
paths:
  /users/{user-name}/posts: { get: {}, post: {}, parameters: [] }
  /files/{name}.{ext}: { get: {} }
  /users/me: { $ref: x, get: {} }
`

describe('the endpoints of an OpenAPI document', () => {
  it('are templates below the first server, and what is none is named', () => {
    expect(openApiEndpoints(document)).toEqual({
      ok: true,
      endpoints: [
        'GET /api/v2/users/{user_name}/posts',
        'POST /api/v2/users/{user_name}/posts',
        'GET /api/v2/users/me',
      ],
      leftOut: ['GET /api/v2/files/{name}.{ext}'],
    })
  })

  it('stand below the prefix that is given', () => {
    const found = openApiEndpoints('{"swagger":"2.0","basePath":"/old","paths":{"/a":{"get":{}}}}', '/api/')
    expect(found).toMatchObject({ endpoints: ['GET /api/a'] })
  })

  it('are what a route takes', () => {
    const found = openApiEndpoints(document)
    const route = {
      name: 'shop',
      rule: 'PathPrefix(`/`)',
      primary: { url: 'http://127.0.0.1:1' },
      shadows: [{ name: 'shadow', url: 'http://127.0.0.1:2' }],
      endpoints: found.ok ? found.endpoints : [],
    }
    expect(parseRoute(route, 'file')).toMatchObject({ ok: true })
  })

  it.each([
    ['{"a":', 'no YAML and no JSON'],
    ['just text', 'expected an object with paths'],
    ['paths: []', 'expected an object with paths'],
  ])('tells what is wrong with %j', (text, message) => {
    expect(openApiEndpoints(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })
})
