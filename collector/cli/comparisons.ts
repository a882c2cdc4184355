import { type Command, Option } from 'commander'
import type { Comparison, ComparisonPage, ComparisonSummary } from '../api/schemas.ts'
import { comparisonInFull, comparisonLines } from './comparison-text.ts'
import { countFlag, rangeFlags } from './flags.ts'
import { addHistoryCommands } from './history.ts'
import type { OpenSession, Session } from './session.ts'

type ListFlags = {
  route?: string
  variant?: string
  outcome?: string
  endpoint?: string
  from?: string
  to?: string
  limit: number
  cursor?: string
}

const pageSize = 200

const examples = `Examples:
  understudy comparisons                              the 20 newest
  understudy comparisons --outcome different --from 15m
  understudy comparisons list --endpoint 'GET /api/ticketing/tickets/{id}' --limit 500 --json
`

export function addComparisonsCommand(program: Command, open: OpenSession, now: () => number): void {
  const comparisons = program.command('comparisons').description('what comparing gave').addHelpText('before', examples)
  const list = comparisons
    .command('list', { isDefault: true })
    .description('newest first; control pairs only with --variant control')
    .addHelpText('before', examples)
    .option('--route <name>')
    .option('--variant <name>', "a shadow's name, or control")
    .addOption(new Option('--outcome <outcome>').choices(['match', 'noise', 'different', 'incomplete']))
    .option('--endpoint <endpoint>', "method and templated path, as lists show it: 'GET /tickets/{id}'")
    .option('--limit <count>', 'how many at most; pages are fetched as needed', countFlag(1, 100_000), 20)
    .option('--cursor <cursor>', 'go on where a list ended: its nextCursor, with the same flags')
  for (const flag of rangeFlags(now)) list.addOption(flag)
  list.action(async (flags: ListFlags, command: Command) => {
    const session = open(command)
    const page = await fetchComparisons(session, flags)
    if (session.wantsJson) {
      session.out.json(page)
      return
    }
    for (const line of comparisonLines(page.items, session.out)) session.out.line(line)
    if (page.items.length === 0) session.out.note('no comparison fits')
    else if (page.nextCursor) session.out.note(`there are more: --limit, or --cursor ${page.nextCursor}`)
  })

  comparisons
    .command('show <id>')
    .description('one comparison in full, by its id or its exchange id')
    .addHelpText(
      'before',
      `Examples:
  understudy comparisons show 0198c0de-0000-7000-8000-000000000000
  understudy comparisons show 0198c0de-0000-7000-8000-000000000000:control --bodies
`,
    )
    .option('--bodies', 'headers and bodies of both sides too')
    .action(async (id: string, flags: { bodies?: boolean }, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const comparison = await api.get<Comparison>(`/api/v1/comparisons/${encodeURIComponent(id)}`)
      if (wantsJson) out.json(comparison)
      else for (const line of comparisonInFull(comparison, flags.bodies ?? false, out)) out.line(line)
    })

  addHistoryCommands(comparisons, open, now)
}

async function fetchComparisons({ api }: Session, flags: ListFlags): Promise<ComparisonPage> {
  const { limit, cursor, ...filters } = flags
  const items: ComparisonSummary[] = []
  let next: string | null = cursor ?? null
  do {
    const page: ComparisonPage = await api.get('/api/v1/comparisons', {
      ...filters,
      limit: Math.min(pageSize, limit - items.length),
      cursor: next ?? undefined,
    })
    items.push(...page.items)
    next = page.nextCursor
  } while (next && items.length < limit)
  return { items, nextCursor: next }
}
