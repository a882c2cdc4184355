// `npm run check`: types, lint and format, then the unit tests. Seconds, so that it is green before each commit.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { TAP } from './helpers/go-runner.ts'
import { jestArguments } from './helpers/jest-command.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** `isSilent`: any output is a failure (gofmt lists files and ends with 0). */
type Step = { name: string; command: string[]; cwd?: string; isSilent?: true }
type Done = { step: Step; code: number; output: string; seconds: number }

/** Runs one step with its output held back, so that steps side by side do not mix their lines. */
function runStep(step: Step): Promise<Done> {
  const startedAt = performance.now()
  return new Promise((done) => {
    const [file = '', ...args] = step.command
    const child = spawn(file, args, { cwd: step.cwd ?? ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const finish = (code: number) => done({ step, code, output, seconds: (performance.now() - startedAt) / 1000 })
    child.on('error', (error) => {
      output += error.message
      finish(1)
    })
    child.on('close', (code) => finish(step.isSilent && output !== '' ? 1 : (code ?? 1)))
  })
}

const bin = (name: string) => resolve(ROOT, 'node_modules/.bin', name)
const sideBySide: Step[] = [
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'types of the UI', command: [bin('tsc'), '--noEmit', '--project', 'collector/ui'] },
  { name: 'lint', command: [bin('biome'), 'check', '--formatter-enabled=false', '--max-diagnostics=30'] },
  { name: 'format', command: [bin('biome'), 'format', '--reporter=summary'] },
  { name: 'go format', command: ['gofmt', '-l', '.'], cwd: TAP, isSilent: true },
  { name: 'go vet', command: ['go', 'vet', './...'], cwd: TAP },
]
const afterwards: Step = { name: 'unit tests', command: [process.execPath, ...jestArguments('unit')] }

const results = await Promise.all(sideBySide.map(runStep))
results.push(await runStep(afterwards))

for (const { step, code, output } of results) if (code !== 0) console.log(`\n--- ${step.name} ---\n${output.trim()}`)
console.log('')
for (const { step, code, seconds } of results) {
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds.toFixed(1)} s)`)
}
if (results.some(({ step, code }) => step.name === 'format' && code !== 0)) {
  console.log('`npm run format` writes the format.')
}
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
