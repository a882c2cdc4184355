// What can be done with a stored comparison: send it again, take it elsewhere, compare many again.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { Recomparison, Replay } from '../api/history-schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import { countFlag, rangeFlags } from './flags.ts'
import type { OpenSession } from './session.ts'
import { safeLine } from './terminal-text.ts'

type Offsets = { partition: number; from: number; to?: number }
type RecompareFlags = { limit: number; from?: string; to?: string; topic?: boolean; offsets: Offsets[] }
type Case = { name: string; exchangeId: string }

const pathOf = (id: string, what: string) => `/api/v1/comparisons/${encodeURIComponent(id)}/${what}`

export function addHistoryCommands(comparisons: Command, open: OpenSession, now: () => number): void {
  comparisons
    .command('replay <id>')
    .description('send one stored request to both sides again, and compare what they answer now')
    .option('--header <name:value>', 'sent too, such as credentials, whose stored values are hidden', collected, [])
    .addHelpText(
      'before',
      `Examples:
  understudy comparisons replay 0198c0de-0000-7000-8000-000000000000
  understudy comparisons replay 0198c0de-0000-7000-8000-000000000000 --header 'Authorization: Bearer …'

Exit code 3 when the sides still differ.
`,
    )
    .action(async (id: string, flags: { header: string[] }, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const replay = await api.post<Replay>(pathOf(id, 'replay'), { headers: headersOf(flags.header) })
      if (wantsJson) out.json(replay)
      else for (const line of replayLines(replay)) out.line(line)
      if (replay.outcome === 'different') throw new CliError('the sides differ', exitCodes.notPassed)
    })

  comparisons
    .command('curl <id>')
    .description('the request as a line for a shell')
    .option('--side <side>', 'primary or shadow', 'primary')
    .action(async (id: string, { side }: { side: string }, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const text = await api.text(pathOf(id, 'curl'), { side })
      if (wantsJson) out.json({ curl: text })
      else for (const line of text.trimEnd().split('\n')) out.line(safeLine(line))
    })

  comparisons
    .command('har <id>')
    .description('both answers as an HTTP Archive, on standard output')
    .action(async (id: string, _flags: object, command: Command) => {
      const { api, out } = open(command)
      out.json(await api.get(pathOf(id, 'har')))
    })

  comparisons
    .command('fixture <id>')
    .description("write a regression case: the request, the primary's answer, and what may differ from it")
    .option('--dir <folder>', 'where to', 'fixtures')
    .addHelpText('before', 'Example:\n  understudy comparisons fixture 0198c0de-… --dir tests/fixtures\n')
    .action(async (id: string, { dir }: { dir: string }, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const made = await api.get<Case>(pathOf(id, 'fixture'))
      const file = join(dir, `${made.exchangeId}.json`)
      await mkdir(dir, { recursive: true })
      await writeFile(file, `${JSON.stringify(made, null, 2)}\n`)
      if (wantsJson) out.json({ file })
      else out.line(`wrote ${file}: ${safeLine(made.name)}`)
    })

  const recompare = comparisons
    .command('recompare <route>')
    .description("compare a route's pairs again under the rules and noise of now: before and after")
    .option(
      '--limit <count>',
      'pairs at most: stored ones newest first, of the topic oldest',
      countFlag(1, 10_000),
      1_000,
    )
    .option('--topic', 'what the topic of tap records still holds, matches that were not stored among it')
    .option('--offsets <partition:from-to>', 'of the topic: only these; may be given again', offsetsFlag, [])
    .addHelpText(
      'before',
      `Examples:
  understudy comparisons recompare ticketing --from 2h
  understudy comparisons recompare ticketing --topic --from 30m --limit 5000
  understudy comparisons recompare ticketing --topic --offsets 0:1200-1800
`,
    )
  for (const flag of rangeFlags(now)) recompare.addOption(flag)
  recompare.action(async (route: string, flags: RecompareFlags, command: Command) => {
    const { api, out, wantsJson } = open(command)
    const { topic, offsets, ...range } = flags
    const isOfTopic = topic === true || offsets.length > 0
    const body = { ...range, ...(isOfTopic && { source: 'topic' }), ...(offsets.length > 0 && { offsets }) }
    const result = await api.post<Recomparison>(`/api/v1/routes/${encodeURIComponent(route)}/recompare`, body)
    if (wantsJson) out.json(result)
    else for (const line of recompareLines(result)) out.line(line)
  })
}

function replayLines(replay: Replay): string[] {
  const side = (name: string, { status, latencyMs, bodyBytes, url }: Replay['primary']) =>
    `${name.padEnd(8)} ${status}  ${latencyMs.toFixed(1)} ms  ${bodyBytes} bytes  ${url}`
  return [
    `${replay.outcome} now; ${replay.before.outcome} with ${replay.before.differences} differences when it was captured`,
    side('primary', replay.primary),
    side('shadow', replay.shadow),
    ...replay.differences.map(
      ({ path, kind, noise }) => `  ${kind.padEnd(9)} ${path || '(whole body)'}${noise ? '  noise' : ''}`,
    ),
    ...(replay.hidden.length > 0 ? [`not sent, as hidden: ${replay.hidden.join(', ')} (--header sends your own)`] : []),
  ].map(safeLine)
}

function recompareLines(result: Recomparison): string[] {
  const counts = ({ match, noise, different }: Recomparison['before']) =>
    `${match} match, ${noise} noise, ${different} different`
  const leftOut = Object.entries(result.leftOut).map(([reason, count]) => `${count} ${reason}`)
  return [
    `${result.of} ${result.source === 'topic' ? 'pairs in the topic' : 'stored pairs'} of ${result.route}${result.isCut ? ' (there are more: --limit)' : ''}`,
    `before   ${counts(result.before)}`,
    `after    ${counts(result.after)}`,
    ...(leftOut.length > 0 ? [`left out ${leftOut.join(', ')}`] : []),
    ...result.changed.map(({ id, endpoint, before, after }) => `  ${id}  ${before} → ${after}  ${endpoint}`),
  ].map(safeLine)
}

function offsetsFlag(text: string, before: Offsets[]): Offsets[] {
  const [, partition, from, to] = /^(\d{1,6}):(\d{1,15})-(\d{1,15})?$/.exec(text) ?? []
  if (partition === undefined || from === undefined)
    throw new InvalidArgumentError('expected partition:from-to, such as 0:1200-1800, or 0:1200- up to the end')
  const range = { partition: Number(partition), from: Number(from) }
  return [...before, to === undefined ? range : { ...range, to: Number(to) }]
}

function collected(value: string, before: string[]): string[] {
  return [...before, value]
}

function headersOf(given: string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf(':')
      if (at < 1) throw new CliError(`--header ${text}: expected name: value`, exitCodes.usage)
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    }),
  )
}
