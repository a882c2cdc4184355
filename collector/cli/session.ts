// What a command works with: where to write, whom to ask, when to stop.
import type { Command } from 'commander'
import { type ApiClient, createApiClient } from './api-client.ts'
import { createOutput, type Output, type Sink } from './output.ts'
import { findStack, type Stack } from './stack.ts'

/** The process as commands see it; tests hand in another. */
export type Surroundings = {
  stdout: Sink
  stderr: Sink
  env: Record<string, string | undefined>
  now(): number
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

export type Session = Surroundings & {
  out: Output
  stack: Stack
  api: ApiClient
  wantsJson: boolean
  timeoutMs: number
}

export type OpenSession = (command: Command) => Session

export function openSession(surroundings: Surroundings): OpenSession {
  return (command) => {
    const { json, timeout } = command.optsWithGlobals<{ json?: boolean; timeout: number }>()
    const stack = findStack(surroundings.env)
    const timeoutMs = timeout * 1000
    return {
      ...surroundings,
      out: createOutput(surroundings),
      stack,
      api: createApiClient({ stack, timeoutMs, signal: surroundings.signal }),
      wantsJson: json ?? false,
      timeoutMs,
    }
  }
}
