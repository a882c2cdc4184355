// How a command ends when it does not end well: one line, and what a script can tell by the exit code.

export const exitCodes = { done: 0, failed: 1, usage: 2, notPassed: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export class CliError extends Error {
  readonly exitCode: ExitCode
  /** True when nothing answered at the address, so that a command may do without. */
  readonly isAway: boolean
  /** Of the answer that refused, where there was one. */
  readonly status: number | undefined

  constructor(
    message: string,
    exitCode: ExitCode = exitCodes.failed,
    options: { isAway?: boolean; status?: number } = {},
  ) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.isAway = options.isAway ?? false
    this.status = options.status
  }
}
