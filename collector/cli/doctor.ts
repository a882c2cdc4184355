import type { Command } from 'commander'
import { CliError, exitCodes } from './cli-error.ts'
import { checkApi, checkClock, checkDiscovery, checkOverlays, type Finding } from './doctor-checks.ts'
import { checkDisk } from './doctor-disk.ts'
import { checkDatabase, checkKafka } from './doctor-parts.ts'
import { checkTraefik } from './doctor-traefik.ts'
import { checkUrl, readUrlQuestion } from './doctor-url.ts'
import { toneOf } from './output.ts'
import type { OpenSession, Session } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

/** Each looks at one thing and tells what it found; none needs another to have passed. */
const checks: Check[] = [
  { name: 'api', look: checkApi },
  { name: 'traefik', look: checkTraefik },
  { name: 'overlays', look: checkOverlays },
  { name: 'discovery', look: checkDiscovery },
  { name: 'kafka', look: checkKafka },
  { name: 'database', look: checkDatabase },
  { name: 'clock', look: checkClock },
  { name: 'disk', look: checkDisk },
]

export function addDoctorCommand(program: Command, open: OpenSession): void {
  program
    .command('doctor')
    .description('look at every part and say what to do about what is wrong; exit code 3 when something is')
    .option('--url <address>', 'why this URL is not routed, not mirrored or not compared, and nothing else')
    .option('--method <name>', 'its method', 'GET')
    .option('--header <text...>', 'a header of its request, "Name: value"')
    .addHelpText(
      'before',
      'Examples:\n  understudy doctor\n  understudy doctor --url http://shop.example/api/tickets\n  understudy doctor --json | jq \'.findings[] | select(.state == "failed")\'\n',
    )
    .action(async (options: { url?: string; method?: string; header?: string[] }, command: Command) => {
      const session = open(command)
      const { url, ...rest } = options
      const question = url === undefined ? undefined : readUrlQuestion({ url, ...rest })
      const wanted = question ? [{ name: 'url', look: (of: Session) => checkUrl(of, question) }] : checks
      const findings = (await Promise.all(wanted.map((check) => lookOrFail(check, session)))).flat()
      const failed = findings.filter((finding) => finding.state === 'failed').length
      if (session.wantsJson) session.out.json({ passed: failed === 0, findings })
      else print(session, findings)
      if (failed > 0) throw new CliError(`${failed} of ${findings.length} checks failed`, exitCodes.notPassed)
    })
}

type Check = { name: string; look(session: Session): Promise<Finding[]> }

async function lookOrFail(check: Check, session: Session): Promise<Finding[]> {
  try {
    return await check.look(session)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return [{ check: check.name, state: 'failed', detail, mend: 'see the line above it, or the log of that part' }]
  }
}

function print({ out }: Session, findings: Finding[]): void {
  const lines = table(findings.map(({ check, detail }) => [safeLine(check), safeLine(detail)]))
  for (const [index, { state, mend }] of findings.entries()) {
    out.line(`${out.tone(toneOf(state), state.padEnd(7))}  ${lines[index] ?? ''}`)
    if (mend) out.line(`         → ${safeLine(mend)}`)
  }
}
