// `npm run tap:tree -- <folder>`: the tap as a tree of its own, as Traefik's plugin catalogue wants a repository to be:
// .traefik.yml and go.mod at its root, no dependency, everything under one version tag.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '../..')
const TAP = join(ROOT, 'traefik/plugins-local/src/github.com/understudy-proxy/tap')

/** Gives the module's name, which the repository has to be named after. Throws for a folder that is not empty. */
export function writeTapTree(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const there = readdirSync(folder).filter((name) => name !== '.git')
  if (there.length > 0) throw new Error(`${folder} is not empty (${there[0]}): expected a new folder`)
  for (const name of readdirSync(TAP)) {
    // What only this repository runs stays here.
    if (/\.(go|mod)$/.test(name) || name === '.traefik.yml') copyFileSync(join(TAP, name), join(folder, name))
  }
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  const module = /^module (\S+)$/m.exec(readFileSync(join(TAP, 'go.mod'), 'utf8'))?.[1] ?? ''
  writeFileSync(join(folder, 'readme.md'), readme(module))
  return module
}

function readme(module: string): string {
  return `# Understudy's tap

Traefik middleware that copies what a primary and its shadow answered to Understudy's collector, which compares the two.
It is of use with Understudy alone, which writes its configuration: see the project's README.

\`\`\`yaml
experimental:
  plugins:
    understudy:
      moduleName: ${module}
      version: v0.1.0
\`\`\`
`
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2)
  if (!folder) {
    process.stderr.write('understudy: expected a folder: npm run tap:tree -- ../tap\n')
    process.exit(2)
  }
  try {
    const module = writeTapTree(resolve(process.env.INIT_CWD ?? '.', folder))
    process.stdout.write(`written: push it as ${module} with a tag such as v0.1.0 and the topic traefik-plugin\n`)
  } catch (error) {
    process.stderr.write(`understudy: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
