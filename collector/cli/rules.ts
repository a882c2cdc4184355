import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { RuleList, RulePreview, RuleProposal, RuleView } from '../api/rule-schemas.ts'
import type { Output } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

const kinds = ['changed', 'added', 'removed', 'type', 'reordered']
const examples = `Examples:
  understudy rules list ticketing
  understudy rules preview ticketing --at /items/*/updatedAt --treat timestamp
  understudy rules add ticketing --at /items/*/updatedAt --treat timestamp --endpoint 'GET /api/ticketing/**'
  understudy rules add ticketing --at /total --treat expected --until 2027-01-31 --owner ann --comment 'new rounding'
  understudy rules add ticketing --at /price --treat '{"number":{"percent":1}}'
  understudy rules proposals ticketing
  understudy rules accept ticketing 5f0c2a91d3b7e846
  understudy rules remove ticketing 12
`

type RuleFlags = {
  at: string[]
  treat: string
  endpoint?: string[]
  kind?: string[]
  name?: string
  until?: string
  owner?: string
  comment?: string
  all?: true
}

export function addRulesCommand(program: Command, open: OpenSession): void {
  const rules = program
    .command('rules')
    .description('what of the differences is noise, or expected for a while')
    .addHelpText('before', examples)
  const of = (route: string, rest = '') => `/api/v1/routes/${encodeURIComponent(route)}/rules${rest}`

  rules
    .command('list <route>')
    .description('rules that hold on a route, in the order in which they are asked')
    .addHelpText('before', 'Examples:\n  understudy rules list ticketing\n  understudy rules list ticketing --json\n')
    .action(async (route: string, _flags, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const list = await api.get<RuleList>(of(route))
      if (wantsJson) out.json(list)
      else for (const line of listLines(list, out)) out.line(line)
    })

  ruleFlags(
    rules
      .command('add <route>')
      .description('add a rule')
      .addHelpText('before', examples)
      .option('--all', 'it holds on every route'),
  ).action(async (route: string, flags: RuleFlags, command: Command) => {
    const { api, out, wantsJson } = open(command)
    const added = await api.post<RuleView>(of(route, flags.all ? '?all=true' : ''), writtenRule(flags))
    if (wantsJson) out.json(added)
    else out.line(`rule ${added.id} holds: ${safeLine(ruleText(added.rule))}`)
  })

  ruleFlags(
    rules
      .command('preview <route>')
      .description('what a rule would hide of the newest differences; nothing is changed')
      .addHelpText('before', examples),
  ).action(async (route: string, flags: RuleFlags, command: Command) => {
    const { api, out, wantsJson } = open(command)
    const preview = await api.post<RulePreview>(of(route, '/preview'), writtenRule(flags))
    if (wantsJson) out.json(preview)
    else for (const line of previewLines(preview, out)) out.line(line)
  })

  rules
    .command('remove <route> <id>')
    .description('take a rule away; what it covered counts again')
    .addHelpText('before', 'Examples:\n  understudy rules remove ticketing 12\n')
    .action(async (route: string, id: string, _flags, command: Command) => {
      const { api, out, wantsJson } = open(command)
      await api.send('DELETE', of(route, `/${encodeURIComponent(id)}`))
      if (wantsJson) out.json({ removed: id })
      else out.line(`rule ${safeLine(id)} is gone`)
    })

  rules
    .command('proposals <route>')
    .description('rules that the control suggests, with their evidence')
    .addHelpText('before', 'Examples:\n  understudy rules proposals ticketing\n')
    .action(async (route: string, _flags, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const { proposals } = await api.get<RuleList>(of(route))
      if (wantsJson) out.json({ items: proposals })
      else if (proposals.length === 0) out.note('the control has shown nothing that a rule would cover')
      else for (const line of proposalLines(proposals, out)) out.line(line)
    })

  rules
    .command('accept <route> <proposal>')
    .description('make a rule of a proposal')
    .addHelpText('before', 'Examples:\n  understudy rules accept ticketing 5f0c2a91d3b7e846\n')
    .action(async (route: string, proposal: string, _flags, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const added = await api.post<RuleView>(of(route, `/proposals/${encodeURIComponent(proposal)}/accept`))
      if (wantsJson) out.json(added)
      else out.line(`rule ${added.id} holds: ${safeLine(ruleText(added.rule))}`)
    })
}

function ruleFlags(command: Command): Command {
  return command
    .requiredOption(
      '--at <path...>',
      'where: a pointer such as /items/*/id, header:<name>, trailer:<name>, status or line:*',
    )
    .requiredOption(
      '--treat <how>',
      'ignore, expected, uuid, ulid, token, counter, timestamp, unordered, url-host, or JSON',
    )
    .option('--endpoint <glob...>', "on these endpoints only: 'GET /tickets/**'")
    .addOption(new Option('--kind <kind...>', 'only these kinds of differences').choices(kinds))
    .option('--name <name>', 'what its differences are marked with')
    .option('--until <end>', 'a date, or version:<version> of the shadow')
    .option('--owner <who>')
    .option('--comment <why>')
}

/** The rule as a file would have it; the server reads and refuses it. */
function writtenRule({ at, treat, endpoint, kind, until, all: _all, ...rest }: RuleFlags): Record<string, unknown> {
  const version = until?.startsWith('version:') ? { version: until.slice('version:'.length) } : until
  return {
    ...rest,
    at,
    treat: treat.startsWith('{') ? parsedTreatment(treat) : treat,
    ...(endpoint && { endpoint }),
    ...(kind && { kinds: kind }),
    ...(version !== undefined && { until: version }),
  }
}

/** As it was typed where it is not JSON: the server says what it expected. */
function parsedTreatment(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function ruleText(rule: Record<string, unknown>): string {
  const { name: _name, owner: _owner, comment: _comment, ...rest } = rule
  return stringify(rest, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}

function listLines({ items, proposals, noise }: RuleList, out: Output): string[] {
  const rows = items.map((one) => [
    safeLine(one.id),
    one.state,
    String(one.hides),
    one.route === null ? 'every route' : 'this route',
    safeLine(ruleText(one.rule)),
  ])
  const [head = '', ...body] = table([['id', 'state', 'covered', 'holds on', 'rule'], ...rows])
  return [
    ...(items.length === 0 ? ['no rule'] : [out.tone('quiet', head), ...body]),
    '',
    `${noise.length} noisy fields learned from the control, ${proposals.length} rules proposed`,
  ]
}

function proposalLines(proposals: readonly RuleProposal[], out: Output): string[] {
  const rows = proposals.map(({ id, rule, reason, evidence }) => [
    ...[id, safeLine(`${evidence.differing} of ${evidence.pairs}`), safeLine(ruleText(rule)), safeLine(reason)],
  ])
  const [head = '', ...body] = table([['id', 'control pairs', 'rule', 'reason'], ...rows])
  return [out.tone('quiet', head), ...body]
}

function previewLines({ hides, of, touched, hidden, stillReal }: RulePreview, out: Output): string[] {
  return [
    `it would hide ${hides} of the newest ${of} differing comparisons, and covers something in ${touched}`,
    ...(hidden.length === 0 ? [] : ['hidden:', ...hidden.slice(0, 5).map((one) => `  ${safeLine(one)}`)]),
    ...(stillReal.length === 0
      ? []
      : [
          out.tone('doubtful', 'it covers what looks like a real change:'),
          ...stillReal.slice(0, 5).map((one) => `  ${safeLine(one)}`),
        ]),
  ]
}
