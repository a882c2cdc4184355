// What looking for a part gives: it is here, it can be fetched, or one line says what is missing and how to get it.

/** Tells a person how far a fetch or a start has come. */
export type Progress = (message: string) => void

export type Finding<Part> =
  | { state: 'ready'; part: Part; from: string }
  | { state: 'fetch'; what: string; fetch: (progress: Progress, signal: AbortSignal) => Promise<Part> }
  | { state: 'missing'; line: string }

/** A part that runs. `address` is `host:port`; `stop` ends it gracefully, then by force, and is safe to call twice. */
export type RunningPart = {
  name: string
  address: string
  pid: number
  /** Resolves when the process has ended, whoever ended it. */
  exited: Promise<void>
  stop: (graceMs?: number) => Promise<void>
}
