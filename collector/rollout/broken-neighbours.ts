// Other people's files in Traefik's dynamic folder: one that cannot be read stops Traefik from reading any of them.
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { messageOf } from '../errors.ts'

const MAX_FILES = 200
const MAX_BYTES = 1_000_000

/** `name: what is wrong` for each YAML file besides `own` that does not parse. Other kinds of mistake are not seen. */
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
    const [error] = parseDocument(text).errors
    return error?.message.split('\n')[0]
  } catch (error) {
    return messageOf(error)
  }
}
