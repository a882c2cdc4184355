// `npm test`: every test of the project, one runner after the other; its last line is `N passed, N failed`.
// `npm test -- --unit pairing` runs one runner and hands the rest to Jest.
import { runGoTests, runYaegiTests } from './helpers/go-runner.ts'
import type { JestProject } from './helpers/jest-command.ts'
import { runJestProject } from './helpers/jest-runner.ts'
import { addTallies, type Tally } from './helpers/tally.ts'

type Runner = { name: string; flag: string; run: () => Promise<Tally> }

const flags = ['--go', '--unit', '--integration', '--e2e', '--ui', '--docker']
const chosen = flags.filter((flag) => process.argv.includes(flag))
const jestArgs = process.argv.slice(2).filter((argument) => !flags.includes(argument))
// A pattern for Jest may match nothing in some of its projects, and says nothing to Go.
const isNarrowed = jestArgs.length > 0

const jestRunner = (project: JestProject): Runner => ({
  name: project,
  flag: `--${project}`,
  run: () => runJestProject(project, isNarrowed ? ['--passWithNoTests', ...jestArgs] : jestArgs),
})

// It installs and starts an engine where it must, as root: on a machine that is not CI's only when asked to.
const isDockerWanted = process.env.CI === 'true' || chosen.includes('--docker')

/** The same tests on Kafka and PostgreSQL in containers, which testcontainers starts: those that lean on both most. */
const inContainers: Runner = {
  name: 'in containers',
  flag: '--docker',
  run: () =>
    runJestProject(
      'integration',
      isNarrowed
        ? ['--passWithNoTests', ...jestArgs]
        : ['--testPathPatterns', 'real-parts|cli-tail|cli-backup|collector-kill'],
      { UNDERSTUDY_TEST_SERVICES: 'containers' },
    ),
}

const runners: Runner[] = [
  { name: 'go', flag: '--go', run: runGoTests },
  { name: 'go under yaegi', flag: '--go', run: runYaegiTests },
  jestRunner('unit'),
  jestRunner('integration'),
  jestRunner('e2e'),
  jestRunner('ui'),
  ...(isDockerWanted ? [jestRunner('docker'), inContainers] : []),
].filter(({ flag }) => (chosen.length > 0 ? chosen.includes(flag) : !isNarrowed || flag !== '--go'))

const results: { name: string; tally: Tally; seconds: number }[] = []
for (const { name, run } of runners) {
  console.log(`\n=== ${name} ===`)
  const startedAt = performance.now()
  const tally = await run()
  results.push({ name, tally, seconds: (performance.now() - startedAt) / 1000 })
}

const total = addTallies(results.map(({ tally }) => tally))
const empty = isNarrowed ? [] : results.filter(({ tally }) => tally.passed + tally.failed === 0)

console.log('\n=== summary ===')
for (const { name, tally, seconds } of results) {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''
  console.log(`${name.padEnd(15)} ${tally.passed} passed, ${tally.failed} failed${skipped} (${seconds.toFixed(0)} s)`)
}
if (!isDockerWanted && chosen.length === 0) {
  console.log(
    'docker          skipped: it may install and start an engine; `npm run test:docker` runs it, CI always does',
  )
}
for (const { name } of empty) console.log(`${name} ran no test: counted as a failure`)
const failed = total.failed + empty.length
console.log(`${total.passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || total.passed === 0 ? 1 : 0
