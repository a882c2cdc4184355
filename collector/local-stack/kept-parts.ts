// The processes of a running stack, by name: started, watched over, written down for the CLI and the next start.
import { type KeptPart, keepRunning } from './keep-running.ts'
import type { RunningPart } from './parts/finding.ts'
import { identityOf } from './parts/process-identity.ts'
import { type Home, type StackFile, writeStackFile } from './stack-home.ts'

export type KeptParts = {
  /** Starts it and keeps it running; throws what its first start throws. */
  keep: (name: string, start: () => Promise<RunningPart>) => Promise<void>
  /** Side by side; names that were never started count as stopped. */
  stop: (graceMs: number, ...names: string[]) => Promise<void>
  /** All, at once. */
  kill: () => void
  /** Undefined between the end of a process and its next start. */
  pids: () => Record<string, number | undefined>
}

/** `file` is the stack's state: its list of children is kept up to date, in memory and on disk. */
export function createKeptParts(home: Home, file: StackFile, say: (part: string, message: string) => void): KeptParts {
  const kept = new Map<string, KeptPart>()
  const remember = () => {
    const running = [...kept.values()].flatMap((part) => part.current() ?? [])
    file.children = running.map(({ name, pid }) => ({ name, pid, identity: identityOf(pid) }))
    writeStackFile(home, file)
  }
  return {
    keep: async (name, start) => {
      const startedAt = performance.now()
      const part = await keepRunning({ name, start, say: (message) => say(name, message), changed: () => remember() })
      kept.set(name, part)
      remember()
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      say(name, `is up on ${part.current()?.address ?? '?'} (${seconds} s)`)
    },
    stop: async (graceMs, ...names) => {
      await Promise.all(names.map((name) => kept.get(name)?.stop(graceMs)))
    },
    kill: () => {
      for (const part of kept.values()) void part.stop(0)
    },
    pids: () => Object.fromEntries([...kept].map(([name, part]) => [name, part.current()?.pid])),
  }
}
