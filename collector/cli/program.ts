// The command line as a whole. One file a command; this one names them and turns every end into an exit code.
import { Command, CommanderError } from 'commander'
import { addBackupCommands } from './backup.ts'
import { CliError, type ExitCode, exitCodes } from './cli-error.ts'
import { addComparisonsCommand } from './comparisons.ts'
import { addDiscoveryCommand } from './discovery.ts'
import { addDoctorCommand } from './doctor.ts'
import { addEnvCommand } from './env.ts'
import { secondsFlag } from './flags.ts'
import { addInitCommand } from './init.ts'
import { addOverlayCommands } from './overlay.ts'
import { addReportCommand } from './report.ts'
import { addRoutesCommand } from './routes.ts'
import { addRulesCommand } from './rules.ts'
import { openSession, type Surroundings } from './session.ts'
import { addStatusCommand } from './status.ts'
import { addTailCommand } from './tail.ts'
import { safeLine } from './terminal-text.ts'
import { addVerdictCommand } from './verdict.ts'

const closing = `
It talks to UNDERSTUDY_API (with UNDERSTUDY_ADMIN_TOKEN), else to the stack that \`npm start\` runs here.
Data goes to stdout, the rest to stderr. Exit codes: 0 done, 1 failed, 2 usage, 3 check not passed.`

/** Runs one command line (without `node` and the script) and returns its exit code. Never throws. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const program = createProgram(surroundings)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const message = error instanceof Error ? error.message : String(error)
    surroundings.stderr.write(`understudy: ${safeLine(message)}\n`)
    return error instanceof CliError ? error.exitCode : exitCodes.failed
  }
}

function createProgram(surroundings: Surroundings): Command {
  const { stdout, stderr, now } = surroundings
  const program = new Command('understudy')
  const open = openSession(surroundings)
  program
    .description('What a new version of a service would have answered, from real traffic')
    .addHelpText(
      'before',
      `Examples:
  understudy status
  understudy comparisons --outcome different --from 15m
  understudy report ticketing
  understudy verdict ticketing
  understudy doctor
`,
    )
    .addHelpText('after', closing)
    .option('--json', 'JSON on stdout')
    .option('--timeout <seconds>', 'how long to wait for an answer', secondsFlag, 10)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(safeError(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
  addStatusCommand(program, open)
  addComparisonsCommand(program, open, now)
  addRoutesCommand(program, open)
  addReportCommand(program, open, now)
  addRulesCommand(program, open)
  addVerdictCommand(program, open)
  addTailCommand(program, open)
  addDiscoveryCommand(program, open)
  addDoctorCommand(program, open)
  addOverlayCommands(program, open)
  addEnvCommand(program, open)
  addInitCommand(program, open)
  addBackupCommands(program, open)
  return program
}

/** Commander repeats what was typed; its own line breaks stay. */
function safeError(text: string): string {
  return text.split('\n').map(safeLine).join('\n')
}
