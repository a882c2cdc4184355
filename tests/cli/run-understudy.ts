// The command line in this process, with a home, an environment and streams of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../collector/cli/program.ts'

export type Ran = { code: number; out: string; err: string; json: unknown }

/** Runs `understudy <args>`; nothing of this process's environment is seen by it. */
export async function understudy(
  args: string[],
  env: Record<string, string> = {},
  options: { signal?: AbortSignal; nowMs?: number; isTTY?: boolean; onErr?: (text: string) => void } = {},
): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    stdout: {
      isTTY: options.isTTY,
      write: (text) => {
        out += text
      },
    },
    stderr: {
      write: (text) => {
        err += text
        options.onErr?.(text)
      },
    },
    env: { UNDERSTUDY_HOME: '/nonexistent', ...env },
    now: () => options.nowMs ?? Date.now(),
    signal: options.signal ?? new AbortController().signal,
  })
  return {
    code,
    out,
    err,
    get json() {
      return JSON.parse(out)
    },
  }
}

/** A home whose stack file holds `stack`. */
export async function homeWith(stack: unknown): Promise<{ home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'understudy-home-'))
  await writeFile(join(home, 'stack.json'), typeof stack === 'string' ? stack : JSON.stringify(stack))
  return { home, remove: () => rm(home, { recursive: true, force: true }) }
}
