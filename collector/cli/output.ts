// Data goes to stdout, all else to stderr, so that a pipe gets data alone.
import { styleText } from 'node:util'
import { safeJson } from './terminal-text.ts'

export type Sink = { write(text: string): unknown; isTTY?: boolean | undefined }
export type Tone = 'good' | 'bad' | 'doubtful' | 'quiet'

export type Output = {
  line(text?: string): void
  json(value: unknown): void
  /** For people only: progress, hints, warnings. */
  note(text: string): void
  /** Coloured where stdout is a terminal and NO_COLOR is not set. Pad first, then tone. */
  tone(tone: Tone, text: string): string
}

const colours = { good: 'green', bad: 'red', doubtful: 'yellow', quiet: 'gray' } as const

export function createOutput(options: { stdout: Sink; stderr: Sink; env: Record<string, string | undefined> }): Output {
  const { stdout, stderr, env } = options
  const hasColour = Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    line: (text = '') => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${safeJson(JSON.stringify(value, null, stdout.isTTY ? 2 : undefined))}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    tone: (tone, text) => (hasColour ? styleText(colours[tone], text, { validateStream: false }) : text),
  }
}

/** The tone of a component's, an overlay's or a comparison's state. */
export function toneOf(state: string): Tone {
  if (['ok', 'match', 'applied', 'passed', 'pass', 'ready'].includes(state)) return 'good'
  if (['down', 'different', 'refused', 'failed', 'fail', 'invalid'].includes(state)) return 'bad'
  return ['noise', 'off', 'skipped'].includes(state) ? 'quiet' : 'doubtful'
}
