// The Go program in tests/bench/traffic: a cheap server and a cheap client for benches.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const SOURCE = resolve(import.meta.dirname, '../bench/traffic')
const run = promisify(execFile)

export type Traffic = {
  /** A server of 1 KiB of JSON on its own port. */
  serve(): Promise<{ url: string; pid: number; stop: () => void }>
  load(options: {
    url: string
    requests: number
    rate?: number
    connections?: number
  }): Promise<{ seconds: number; failed: number }>
}

export async function buildTraffic(): Promise<Traffic> {
  const binary = join(await mkdtemp(join(tmpdir(), 'understudy-traffic-')), 'traffic')
  await run('go', ['build', '-o', binary, '.'], { cwd: SOURCE })
  return {
    serve: () =>
      new Promise((done, failed) => {
        const child = spawn(binary, ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
        child.once('error', failed)
        child.stdout.once('data', (line: Buffer) => {
          const { port } = JSON.parse(String(line)) as { port: number }
          done({ url: `http://127.0.0.1:${port}`, pid: child.pid as number, stop: () => child.kill() })
        })
      }),
    async load({ url, requests, rate = 0, connections = 32 }) {
      const { stdout } = await run(binary, [
        'load',
        '-url',
        url,
        '-n',
        String(requests),
        '-rate',
        String(rate),
        '-c',
        String(connections),
      ])
      return JSON.parse(stdout) as { seconds: number; failed: number }
    },
  }
}
