// Runs the tap's Go tests, natively and under Yaegi (Traefik's interpreter).
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type GoTestReader, goTestReader, yaegiTestReader } from './go-test-events.ts'
import type { Tally } from './tally.ts'

export const TAP = resolve(import.meta.dirname, '../../traefik/plugins-local/src/github.com/understudy-proxy/tap')

export function runGoTests(): Promise<Tally> {
  return runAndRead('go', ['test', '-json', './...'], goTestReader())
}

/** By the tap's own `yaegi_test.sh`, which prints what `yaegi test -v` prints. */
export function runYaegiTests(): Promise<Tally> {
  return runAndRead('bash', ['yaegi_test.sh'], yaegiTestReader())
}

function runAndRead(file: string, args: string[], reader: GoTestReader): Promise<Tally> {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd: TAP, stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(reader.read(line)))
    child.on('error', (error) => {
      console.log(`${file} did not start in ${TAP}: ${error.message}`)
      done(reader.tally(1))
    })
    child.on('close', (code) => done(reader.tally(code ?? 1)))
  })
}
