// Runs a tool of the machine (pip, Maven, …) to its end, with its output bounded.
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { guard } from './guardian.ts'

const OUTPUT_LIMIT = 64 * 1024

export type ToolResult = { code: number; output: string }

/** Never throws for a tool that fails: code -1 means that it could not be started or was stopped. */
export function runTool(
  command: string,
  args: string[],
  options: {
    cwd?: string
    env?: Record<string, string | undefined>
    uid?: number
    gid?: number
    signal?: AbortSignal
    onLine?: (line: string) => void
  } = {},
): Promise<ToolResult> {
  const { onLine, ...rest } = options
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] })
    const release = child.pid === undefined ? () => {} : guard(child.pid)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output = `${output}${line}\n`.slice(-OUTPUT_LIMIT)
        onLine?.(line)
      })
    }
    child.once('error', (error) => {
      release()
      resolve({ code: -1, output: error.message })
    })
    child.once('close', (code) => {
      release()
      resolve({ code: code ?? -1, output })
    })
  })
}

/** The full path of a command, or undefined. */
export function findOnPath(name: string, env: Record<string, string | undefined>): string | undefined {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    const candidate = join(folder, name)
    if (isExecutableFile(candidate)) return candidate
  }
  return undefined
}

export function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
