// Holds the house together: who may import whom, what the core may touch, how long and how named files are.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { codeOf, type Import, importsOf, ROOT, type SourceFile, sourceFiles } from './helpers/source-files.ts'

const TOP_LEVEL = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'docker-compose.yaml'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
  ...['collector', 'plugin-config', 'traefik', 'grafana', 'tests'],
]

// A room is a folder of collector/, a file beside those folders (`errors`, `log`, `config`, `main`), or plugin-config.
const foundation = ['core', 'plugin-config', 'errors', 'log', 'config']
const edges = ['store', 'kafka', 'metrics', 'discovery', 'rollout', 'replay']

/** What a room may import beside itself; `types` are `import type` only. Only main and roles know the edges' values. */
const MAY_IMPORT: Record<string, { values: string[]; types: string[] }> = {
  'plugin-config': { values: [], types: [] },
  core: { values: ['plugin-config'], types: ['plugin-config'] },
  errors: { values: [], types: [] },
  log: { values: ['errors'], types: ['errors', 'config'] },
  config: { values: ['errors', 'plugin-config', 'core'], types: ['errors', 'plugin-config', 'core'] },
  ...Object.fromEntries(edges.map((edge) => [edge, { values: foundation, types: foundation }])),
  ingest: { values: foundation, types: [...foundation, ...edges] },
  pipeline: { values: foundation, types: [...foundation, ...edges] },
  api: { values: foundation, types: [...foundation, ...edges, 'ingest', 'pipeline'] },
  cli: { values: ['errors', 'plugin-config'], types: ['api', 'errors', 'plugin-config'] },
  ui: { values: [], types: ['api'] },
  'local-stack': { values: [...foundation, 'cli'], types: [...foundation, 'cli', 'api'] },
  roles: { values: [...foundation, ...edges, 'ingest', 'pipeline', 'api'], types: ['ui'] },
  main: { values: [...foundation, 'roles'], types: [] },
}

/** Modules of Node that compute and nothing else. */
const PURE_MODULES = ['node:buffer', 'node:crypto', 'node:string_decoder', 'node:url', 'node:util', 'node:zlib']

/** Plus what only looks at an address, from a module that does more. */
const isPureImport = ({ to, names }: Import) =>
  PURE_MODULES.includes(to) || (to === 'node:net' && /^\{(\s*(isIP|isIPv4|isIPv6|BlockList),?)+\s*\}$/.test(names))

const IMPURE_CODE =
  /\b(process\.|Date\.now\(|new Date\(\)|Math\.random\(|performance\.|setTimeout\(|setInterval\(|console\.|random(UUID|Bytes|Int)\()/

const code = ['collector', 'plugin-config'].flatMap((folder) => sourceFiles(folder, /\.(ts|tsx|mjs)$/))
const everything = [...code, ...sourceFiles('tests'), ...sourceFiles('traefik')]

function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'collector' ? second.replace(/\.\w+$/, '') : top
}

function isAllowed({ from, to, isTypeOnly }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)]
  const rule = MAY_IMPORT[room]
  return !rule || room === other || rule.values.includes(other) || (isTypeOnly && rule.types.includes(other))
}

const isPure = ({ path }: SourceFile) => /^(collector\/core|plugin-config)\//.test(path)

describe('the house', () => {
  it('has a fixed top level', () => {
    const ignored = /^(\..*|node_modules|coverage|.*\.log)$/
    expect(readdirSync(ROOT).filter((name) => !ignored.test(name) && !TOP_LEVEL.includes(name))).toEqual([])
  })

  it('has a rule for every room', () => {
    const rooms = new Set(code.map(({ path }) => roomOf(path)))
    expect([...rooms].filter((room) => !MAY_IMPORT[room])).toEqual([])
  })

  it('lets imports point one way', () => {
    const refused = code.flatMap(importsOf).filter((found) => found.isOwn && !isAllowed(found))
    expect(refused.map(({ from, to, isTypeOnly }) => `${from} → ${isTypeOnly ? 'type ' : ''}${to}`)).toEqual([])
  })

  it('never imports a test', () => {
    const found = code.flatMap(importsOf).filter(({ to }) => to.startsWith('tests/'))
    expect(found.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
  })

  it('keeps I/O out of core and plugin-config', () => {
    const found = code.filter(isPure).flatMap(importsOf)
    const refused = found.filter((one) => one.to.startsWith('node:') && !isPureImport(one))
    expect(refused.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
  })

  it('keeps clock, randomness and environment out of core and plugin-config', () => {
    const found = code.filter(isPure).flatMap((file) =>
      codeOf(file)
        .split('\n')
        .flatMap((line, index) => (IMPURE_CODE.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })
})

describe('a file', () => {
  it('has at most 400 lines', () => {
    const long = everything.filter(({ text }) => text.split('\n').length - 1 > 400)
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([])
  })

  it('has a kebab-case name', () => {
    const named = everything.filter(({ path }) => !path.endsWith('.go'))
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|tsx|mjs)$/
    expect(named.map(({ path }) => path).filter((path) => !kebab.test(basename(path)))).toEqual([])
  })

  it('is no drawer for odds and ends', () => {
    const drawers = /\/(utils?|helpers?|misc|common)\.(ts|go)$/
    expect(everything.map(({ path }) => path).filter((path) => drawers.test(path))).toEqual([])
  })

  it('exports by name, and only what is its own', () => {
    const isConfig = (path: string) => /\.config\.(ts|mjs)$/.test(path)
    const refused = code.filter(
      ({ path, text }) =>
        (!isConfig(path) && /^export default\b/m.test(text)) || /^export\b[^=(]*\bfrom\s+['"]/m.test(text),
    )
    expect(refused.map(({ path }) => path)).toEqual([])
  })
})
