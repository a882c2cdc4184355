// Other people's files in Traefik's dynamic folder: one that cannot be read stops Traefik from reading any of them.
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { messageOf } from '../errors.ts'

const MAX_FILES = 200
const MAX_BYTES = 1_000_000

/**
 * `name: what is wrong` for each YAML file besides `own` that does not parse, or has a section that Traefik does not
 * know. Mistakes further inside are not seen.
 */
export async function brokenNeighbours(folder: string, own: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const yamls = names.filter((name) => name !== own && ['.yaml', '.yml'].includes(extname(name).toLowerCase()))
  const broken: string[] = []
  for (const name of yamls.slice(0, MAX_FILES)) {
    const problem = await problemOf(join(folder, name))
    if (problem !== undefined) broken.push(`${name}: ${problem}`)
  }
  return broken
}

async function problemOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) return undefined
    const text = await readFile(path, 'utf8')
    // A template is only YAML once Traefik has carried it out.
    if (text.includes('{{')) return undefined
    const document = parseDocument(text)
    const [error] = document.errors
    return error ? error.message.split('\n')[0] : unknownKey(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    return messageOf(error)
  }
}

const SECTIONS: Record<string, readonly string[]> = {
  http: ['routers', 'services', 'middlewares', 'serversTransports', 'models'],
  tcp: ['routers', 'services', 'middlewares', 'serversTransports', 'models'],
  udp: ['routers', 'services'],
  tls: ['certificates', 'options', 'stores'],
}

function unknownKey(content: unknown): string | undefined {
  if (content === null || content === undefined) return undefined
  if (typeof content !== 'object' || Array.isArray(content)) return 'expected http:, tcp:, udp: or tls:'
  for (const [key, section] of Object.entries(content)) {
    const known = SECTIONS[key]
    if (!known) return `unknown section ${key.slice(0, 60)}: expected ${Object.keys(SECTIONS).join(', ')}`
    if (typeof section !== 'object' || section === null || Array.isArray(section)) continue
    const odd = Object.keys(section).find((name) => !known.includes(name))
    if (odd !== undefined) return `unknown key ${key}.${odd.slice(0, 60)}: expected ${known.join(', ')}`
  }
  return undefined
}
