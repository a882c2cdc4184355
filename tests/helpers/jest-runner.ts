// Runs one Jest project with its output shown as it comes, and counts its tests.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type JestProject, jestArguments } from './jest-command.ts'
import type { Tally } from './tally.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** The part of Jest's `--json` file that is read. */
type JestResult = {
  success: boolean
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numRuntimeErrorTestSuites: number
}

/** `args` go to Jest as they are. A test file that does not even load counts as one failed test. */
export async function runJestProject(
  project: JestProject,
  args: string[],
  env: Record<string, string> = {},
): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-jest-'))
  try {
    const file = join(folder, 'result.json')
    const code = await runNode([...jestArguments(project), '--json', `--outputFile=${file}`, ...args], env)
    const result = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as JestResult,
      () => undefined,
    )
    if (!result) return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 }
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
    return {
      passed: result.numPassedTests,
      failed: code !== 0 && failed === 0 && result.numPassedTests > 0 ? 1 : failed,
      skipped: result.numPendingTests,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A test that leaves something open keeps Jest from ending: that is a failure, not a run without end. */
const LIMIT_MS = 30 * 60_000

/** Jest prints its report on stderr; with `--json` it would add a line on stdout, which nobody needs. */
function runNode(args: string[], env: Record<string, string>): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['inherit', 'ignore', 'inherit'],
      timeout: LIMIT_MS,
    })
    child.on('error', (error) => {
      console.log(error.message)
      done(1)
    })
    child.on('close', (code, signal) => {
      if (signal) console.log(`Jest ended by ${signal}; its limit is ${LIMIT_MS / 60_000} minutes`)
      done(code ?? 1)
    })
  })
}
