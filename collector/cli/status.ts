import type { Command } from 'commander'
import type { Status } from '../api/schemas.ts'
import { toneOf } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

export function addStatusCommand(program: Command, open: OpenSession): void {
  program
    .command('status')
    .description('how each part is')
    .addHelpText('before', 'Examples:\n  understudy status\n  understudy status --json\n')
    .action(async (_options, command: Command) => {
      const { api, out, stack, wantsJson } = open(command)
      const status = await api.get<Status>('/api/status')
      if (wantsJson) {
        out.json(status)
        return
      }
      const upMs = Date.parse(status.now) - Date.parse(status.startedAt)
      out.line(
        `Understudy ${safeLine(status.version)} is ${out.tone(toneOf(status.state), status.state)}: ${stack.api}, up ${duration(upMs)}`,
      )
      const parts = status.components.map((part) => [
        part.name,
        safeLine(part.detail ?? '') + (part.mend ? ` → ${safeLine(part.mend)}` : ''),
      ])
      const lines = table(parts)
      for (const [index, part] of status.components.entries()) {
        out.line(`  ${out.tone(toneOf(part.state), part.state.padEnd(8))}  ${lines[index] ?? ''}`)
      }
    })
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
