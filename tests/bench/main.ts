// `npm run bench [-- name…] [--json]`: runs the benches of this folder one after the other and prints every figure with
// its baseline from the same run. Exit code 1: a measurement failed; 3: a bar was missed.
import { readdir, readFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Figure } from './bench.ts'
import { isReached, ratioOf, table } from './bench-table.ts'

type Result = { bench: string; title: string; figures: Figure[]; methods: string[]; error?: string }

/** Only files that say they hold a bench are loaded: loading one must not start anything. */
async function findBenches(): Promise<Bench[]> {
  const folder = import.meta.dirname
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'main.ts').sort()
  const benches: Bench[] = []
  for (const file of files) {
    if (!/^export const bench\b/m.test(await readFile(join(folder, file), 'utf8'))) continue
    benches.push(((await import(join(folder, file))) as { bench: Bench }).bench)
  }
  return benches
}

async function measure(bench: Bench): Promise<Result> {
  const result: Result = { bench: bench.name, title: bench.title, figures: [], methods: [] }
  try {
    await bench.run({
      figure: (figure) => result.figures.push(figure),
      method: (text) => result.methods.push(text),
      progress: (text) => console.error(`  ${text}`),
    })
  } catch (error) {
    result.error = error instanceof Error ? error.message : String(error)
  }
  return result
}

function machineLine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0)
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${gib} GiB, Linux ${release()}, Node ${process.version}`
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } })
const benches = await findBenches()
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`no bench is named ${unknown.join(', ')}; there are: ${benches.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const results: Result[] = []
for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  console.error(`\n${bench.name}: ${bench.title}`)
  const result = await measure(bench)
  results.push(result)
  if (values.json) continue
  console.log(table(result.figures))
  for (const method of result.methods) console.log(`  ${method}`)
  if (result.error) console.log(`  FAILED: ${result.error}`)
}

const figures = results.flatMap((result) => result.figures)
if (values.json) {
  const judged = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), reached: isReached(figure) })),
  }))
  console.log(JSON.stringify({ machine: machineLine(), benches: judged }, null, 2))
} else {
  const barred = figures.filter(({ bar }) => bar)
  const reached = barred.filter((figure) => isReached(figure))
  console.log(`\n${machineLine()}\n${reached.length} of ${barred.length} bars reached`)
}
if (figures.some((figure) => isReached(figure) === false)) process.exitCode = 3
if (results.some(({ error }) => error)) process.exitCode = 1
