// Runs the tap's Go tests, natively and under Yaegi (Traefik's interpreter), and counts them.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Tally } from './tally.ts'

const TAP = resolve(import.meta.dirname, '../../traefik/plugins-local/src/github.com/understudy-proxy/tap')

/** One line of `go test -json` (see `go doc test2json`). */
type GoEvent = { Action: string; Package?: string; Test?: string; Output?: string }

/** `go test ./...`: the output of tests that pass is left out, all else is printed as it comes. */
export async function runGoTests(): Promise<Tally> {
  const outcomes = new Map<string, 'pass' | 'fail' | 'skip'>()
  const outputs = new Map<string, string[]>()
  const code = await runLines('go', ['test', '-json', './...'], (line) => {
    if (!line.startsWith('{')) return console.log(line)
    const { Action, Package, Test, Output } = JSON.parse(line) as GoEvent
    if (Action === 'build-output') process.stdout.write(Output ?? '')
    if (Test === undefined) {
      if (Action === 'output' && Output && /^(ok|FAIL|panic:|---)/.test(Output)) process.stdout.write(Output)
      return
    }
    const name = `${Package} ${Test}`
    if (Action === 'output') outputs.set(name, [...(outputs.get(name) ?? []), Output ?? ''])
    if (Action !== 'pass' && Action !== 'fail' && Action !== 'skip') return
    outcomes.set(name, Action)
    if (Action === 'fail') process.stdout.write((outputs.get(name) ?? []).join(''))
    outputs.delete(name)
  })
  return tallyOf(outcomes, code)
}

/** True where the tap brings a script that runs its tests under Yaegi. */
export function hasYaegiTests(): boolean {
  return existsSync(resolve(TAP, 'yaegi_test.sh'))
}

/** The same tests, interpreted: counted by the `--- PASS:` lines that `go test -v` and `yaegi test -v` both print. */
export async function runYaegiTests(): Promise<Tally> {
  const outcomes = new Map<string, 'pass' | 'fail' | 'skip'>()
  const code = await runLines('bash', ['yaegi_test.sh'], (line) => {
    const [, outcome, name] = /^\s*--- (PASS|FAIL|SKIP): (\S+)/.exec(line) ?? []
    if (outcome && name) outcomes.set(name, outcome.toLowerCase() as 'pass')
    if (outcome !== 'PASS' && !line.startsWith('=== ')) console.log(line)
  })
  return tallyOf(outcomes, code)
}

/** Counts leaves only, as Jest does: a Go test with subtests is their heading. */
function tallyOf(outcomes: Map<string, 'pass' | 'fail' | 'skip'>, code: number): Tally {
  const headings = new Set([...outcomes.keys()].map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))))
  const count = (wanted: string) =>
    [...outcomes].filter(([name, outcome]) => outcome === wanted && !headings.has(name)).length
  const failed = count('fail')
  return { passed: count('pass'), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: count('skip') }
}

function runLines(file: string, args: string[], onLine: (line: string) => void): Promise<number> {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd: TAP, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })
    lines.on('line', onLine)
    child.on('error', (error) => {
      console.log(`${file} did not start in ${TAP}: ${error.message}`)
      done(1)
    })
    child.on('close', (code) => done(code ?? 1))
  })
}
