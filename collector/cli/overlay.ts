import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { OverlaySwitch } from '../api/schemas.ts'
import { CliError } from './cli-error.ts'
import { allowOverlays, removeOverlays } from './overlay-file.ts'
import type { OpenSession, Session } from './session.ts'
import { safeLine } from './terminal-text.ts'

export function addOverlayCommands(program: Command, open: OpenSession): void {
  program
    .command('off')
    .description('take every overlay away at once: Traefik routes as if Understudy were not there')
    .addHelpText(
      'before',
      `Examples:
  understudy off         asks the collector; when it is down, takes the overlays out of Traefik's file itself
  understudy on          puts them back
`,
    )
    .action(async (_options, command: Command) => {
      const session = open(command)
      told(session, await switchedOff(session))
    })
  program
    .command('on')
    .description('put the overlays of the enabled routes back')
    .addHelpText('before', 'Examples:\n  understudy on\n')
    .action(async (_options, command: Command) => {
      const session = open(command)
      told(session, await switchedOn(session))
    })
}

async function switchedOff(session: Session): Promise<OverlaySwitch> {
  return whenAway(session, 'off', (file) => {
    const removed = removeOverlays(file, new Date(session.now()).toISOString())
    const detail = `the collector does not answer, so ${removed} overlay${removed === 1 ? ' was' : 's were'} taken out of ${file}; they stay away until \`understudy on\``
    return { overlay: 'off', routes: removed, detail }
  })
}

async function switchedOn(session: Session): Promise<OverlaySwitch> {
  return whenAway(session, 'on', (file) => {
    allowOverlays(file)
    return {
      overlay: 'on',
      routes: 0,
      detail: 'the collector does not answer: it puts the overlays back when it starts',
    }
  })
}

/** Asks the collector; where none answers, does what can be done with Traefik's file. */
async function whenAway(
  session: Session,
  wanted: 'off' | 'on',
  byHand: (file: string) => OverlaySwitch,
): Promise<OverlaySwitch> {
  try {
    return await session.api.post<OverlaySwitch>(`/api/v1/overlay/${wanted}`)
  } catch (error) {
    const file = overlayFile(session)
    if (!(error instanceof CliError) || !error.isAway || file === undefined) throw error
    try {
      return byHand(file)
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure)
      throw new CliError(`the collector does not answer, and ${file} cannot be changed: ${safeLine(reason)}`)
    }
  }
}

function overlayFile({ stack }: Session): string | undefined {
  const file = stack.overlayFile ?? (stack.dynamicDir && join(stack.dynamicDir, 'understudy.yaml'))
  return file && existsSync(file) ? file : undefined
}

function told({ out, wantsJson }: Session, answer: OverlaySwitch): void {
  if (wantsJson) {
    out.json(answer)
    return
  }
  if (answer.pending) out.line(`asked for, and not done yet: overlays ${answer.overlay}`)
  else out.line(`overlays are ${answer.overlay} (${answer.routes} route${answer.routes === 1 ? '' : 's'})`)
  if (answer.detail) out.note(safeLine(answer.detail))
}
