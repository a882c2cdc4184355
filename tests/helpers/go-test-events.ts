// Reads what `go test -json` and `yaegi test -v` print, line by line, and counts the tests. Pure.
import type { Tally } from './tally.ts'

type Outcome = 'pass' | 'fail' | 'skip'

/** One line of `go test -json` (see `go doc test2json`). */
type GoEvent = { Action: string; Package?: string; Test?: string; Output?: string }

export type GoTestReader = {
  /** What a person should see of this line: everything but the output of tests that pass. */
  read(line: string): string
  /** `exitCode` tells of failures outside any test: code that does not build, a panic. */
  tally(exitCode: number): Tally
}

export function goTestReader(): GoTestReader {
  const outcomes = new Map<string, Outcome>()
  const outputs = new Map<string, string>()
  return {
    tally: (exitCode) => tallyOf(outcomes, exitCode),
    read(line) {
      if (!line.startsWith('{')) return `${line}\n`
      const { Action, Package, Test, Output = '' } = JSON.parse(line) as GoEvent
      if (Test === undefined) return Action === 'build-output' || /^(ok|FAIL|panic:)/.test(Output) ? Output : ''
      const name = `${Package} ${Test}`
      if (Action === 'output') outputs.set(name, (outputs.get(name) ?? '') + Output)
      if (Action !== 'pass' && Action !== 'fail' && Action !== 'skip') return ''
      outcomes.set(name, Action)
      const output = outputs.get(name) ?? ''
      outputs.delete(name)
      return Action === 'fail' ? output : ''
    },
  }
}

export function yaegiTestReader(): GoTestReader {
  const outcomes = new Map<string, Outcome>()
  return {
    tally: (exitCode) => tallyOf(outcomes, exitCode),
    read(line) {
      const [, outcome, name] = /^\s*--- (PASS|FAIL|SKIP): (\S+)/.exec(line) ?? []
      if (outcome && name) outcomes.set(name, outcome.toLowerCase() as Outcome)
      return outcome === 'PASS' || line.startsWith('=== ') ? '' : `${line}\n`
    },
  }
}

/** Counts leaves only, as Jest does: a Go test with subtests is their heading. */
function tallyOf(outcomes: Map<string, Outcome>, exitCode: number): Tally {
  const headings = new Set([...outcomes.keys()].flatMap(headingsOf))
  const count = (wanted: Outcome) =>
    [...outcomes].filter(([name, outcome]) => outcome === wanted && !headings.has(name)).length
  const failed = count('fail')
  return { passed: count('pass'), failed: exitCode !== 0 && failed === 0 ? 1 : failed, skipped: count('skip') }
}

/** `pkg TestA/b/c` → `pkg TestA`, `pkg TestA/b`; slashes of the package are none. */
function headingsOf(name: string): string[] {
  const from = name.lastIndexOf(' ') + 1
  const parts = name.slice(from).split('/')
  return parts.slice(1).map((_, index) => name.slice(0, from) + parts.slice(0, index + 1).join('/'))
}
