// A real Prometheus that scrapes a collector by our own configuration, only faster and with another target.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { waitUntil } from './wait-until.ts'

const OURS = resolve(import.meta.dirname, '../../grafana/prometheus')

export type Series = { metric: Record<string, string>; value: [number, string] }
export type RunningPrometheus = {
  /** The series that an expression gives now. Throws what Prometheus says of a bad one. */
  query: (expr: string) => Promise<Series[]>
  labelValues: (label: string, match: string) => Promise<string[]>
  stop: () => Promise<void>
}

/** `target`: `host:port` of the collector. */
export async function startPrometheus(target: string): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-prometheus-'))
  await cp(OURS, folder, { recursive: true })
  const config = (await readFile(join(OURS, 'prometheus.yml'), 'utf8'))
    .replaceAll(/interval: 10s/g, 'interval: 1s')
    .replace('collector:8081', target)
  await writeFile(join(folder, 'prometheus.yml'), config)
  const rules = join(folder, 'rules/recording.rules.yml')
  await writeFile(rules, (await readFile(rules, 'utf8')).replaceAll('interval: 10s', 'interval: 1s'))
  const [port] = await freePorts(1)
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    const body = (await response.json()) as { status: string; data: T; error?: string }
    if (body.status !== 'success') throw new Error(body.error)
    return body.data
  }
  await waitUntil(async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined))?.ok ?? false, {
    what: 'Prometheus to be ready',
  })
  return {
    query: async (expr) => {
      const data = await ask<{ resultType: string; result: Series[] }>(`query?${new URLSearchParams({ query: expr })}`)
      return data.result
    },
    labelValues: (label, match) => ask(`label/${label}/values?${new URLSearchParams({ 'match[]': match })}`),
    async stop() {
      await ended(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
