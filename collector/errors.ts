// Exceptions carry a code and whether trying again helps; expected outcomes are return values instead.

const errorCodes = [
  'config-invalid',
  'kafka-unavailable',
  'database-unavailable',
  'database-refused',
  'ingest-overloaded',
  'migration-failed',
  'docker-unavailable',
  'part-missing',
  'port-taken',
  'replay-failed',
  'traefik-unavailable',
  'unexpected',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export class UnderstudyError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean

  /** `message` names the value, where it came from and what was expected. */
  constructor(code: ErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'UnderstudyError'
    this.code = code
    this.retriable = options.retriable
  }
}

/** A one-line text for any thrown value, never a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  if (error instanceof Error) return error.message || error.name
  return String(error)
}
