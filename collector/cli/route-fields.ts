// `share=25 protect.rate=50 primary=http://127.0.0.1:3000` → the merge patch that says so.
import { parse } from 'yaml'
import { CliError, exitCodes } from './cli-error.ts'

const LISTS = ['methods', 'operations', 'endpoints', 'entryPoints']

/** `field=` or `field=null` takes a field away (its default holds then). @throws CliError (usage) */
export function patchOf(assignments: readonly string[]): Record<string, unknown> {
  const patch = new Map<string, unknown>()
  for (const assignment of assignments) {
    const [, path, text] = /^([A-Za-z]+(?:\.[A-Za-z]+)?)=([\s\S]*)$/.exec(assignment) ?? []
    if (path === undefined || text === undefined) {
      throw new CliError(
        `${JSON.stringify(assignment.slice(0, 80))}: expected field=value, such as share=25`,
        exitCodes.usage,
      )
    }
    const [field = '', inner] = path.split('.')
    if (field === 'shadow') patch.set('shadows', [{ name: 'shadow', ...targetOf(text) }])
    else if (field === 'primary' && inner === undefined)
      patch.set(field, { url: null, service: null, ...targetOf(text) })
    else if (inner === undefined) patch.set(field, fieldValue(field, text))
    else patch.set(field, { ...(patch.get(field) as object | undefined), [inner]: fieldValue(inner, text) })
  }
  return Object.fromEntries(patch)
}

function targetOf(text: string): Record<string, string> {
  return /^[a-z]+:\/\//i.test(text) ? { url: text } : { service: text }
}

function fieldValue(field: string, text: string): unknown {
  if (text === '' || text === 'null') return null
  if (field === 'rule') return text
  if (LISTS.includes(field) && !text.startsWith('[')) return text.split(',').map((each) => each.trim())
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch {
    return text
  }
}
