// The project's own source, as the architecture test reads it.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

const SKIPPED = new Set(['node_modules', '.git', '.understudy', 'coverage', 'dist', 'fixtures'])

export type SourceFile = { path: string; text: string }

/** `to` is a path from the root for our own files, else the package or `node:` module; `names` is what stands before `from`. */
export type Import = { from: string; to: string; names: string; isOwn: boolean; isTypeOnly: boolean }

/** Every source file below `folder` (from the root), paths with `/`. */
export function sourceFiles(folder: string, extensions = /\.(ts|tsx|mjs|go)$/): SourceFile[] {
  return walk(join(ROOT, folder))
    .filter((path) => extensions.test(path))
    .map((path) => ({ path: relative(ROOT, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** Static and dynamic imports, and re-exports; a path in `new URL('…', import.meta.url)` is none. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const statement = /^[ \t]*(?:import|export)\s+(type\s)?(?:([\w*{}\s,$]+?)\sfrom\s+)?['"]([^'"]+)['"]/gm
  const call = /\bimport\(\s*['"]([^'"]+)['"]/g
  const found = [
    ...[...text.matchAll(statement)].map(([, type, names = '', to = '']) => ({
      to,
      names,
      isTypeOnly: type !== undefined,
    })),
    ...[...text.matchAll(call)].map(([, to = '']) => ({ to, names: '*', isTypeOnly: false })),
  ]
  return found.map((statementOf) => {
    const isOwn = statementOf.to.startsWith('.')
    const to = isOwn ? normalize(join(dirname(path), statementOf.to)).replaceAll('\\', '/') : statementOf.to
    return { ...statementOf, from: path, to, isOwn }
  })
}

/** The code without comments and the insides of strings, line for line. */
export function codeOf({ text }: SourceFile): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
}
