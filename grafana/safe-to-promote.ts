// "Is it safe to promote?": one route, one shadow, and everything the answer rests on.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DashboardLinkBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { changes, frame, uids } from './dashboard-frame.ts'
import { lines, stat, steps, table } from './panels.ts'
import { now, over, rowsOf } from './queries.ts'
import { routeVariable, uiVariable, variantVariable } from './variables.ts'
import { verdictWords } from './verdict-words.ts'

const pair = 'route=~"$route", variant=~"$variant"'
const judged = `${pair}, outcome!="incomplete"`
/** A counter that never moved has no series: none is nought, as long as pairs were compared at all. */
const differing = (selector: string) =>
  `(${increase(`${selector}, outcome="different"`)} or vector(0)) / (${increase(`${selector}, outcome!="incomplete"`)} > 0)`
const increase = (selector: string) => `sum(increase(understudy_comparisons_total{${selector}}[$__range]))`
const quantile = (q: number, side: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(understudy_response_seconds_bucket{route=~"$route", side="${side}"}[$__rate_interval])))`

export function safeToPromote(): DashboardBuilder {
  return frame(uids.safeToPromote, 'Understudy: is it safe to promote?', 'One route and one of its shadows')
    .withVariable(routeVariable())
    .withVariable(variantVariable())
    .withVariable(uiVariable())
    .annotation(changes(` AND route = \${route:sqlstring}`))
    .withPanel(
      stat(
        {
          title: 'Verdict',
          description: 'Pass: proven to be within the tolerance. Inconclusive: more traffic is needed. See the report.',
          width: 4,
        },
        now(`min(understudy_verdict{${pair}})`),
      )
        .mappings(verdictWords)
        .thresholds(steps(['dark-red', null], ['yellow', 0], ['green', 1]))
        .dataLinks([
          new DashboardLinkBuilder('The report with its reasons').url(`\${ui}/routes/\${route}`).targetBlank(true),
        ]),
    )
    .withPanel(
      stat(
        {
          title: 'Differing',
          description:
            'Of the pairs that were compared whole, those that differ in a way no rule and no noise explains.',
          unit: 'percentunit',
          width: 4,
        },
        now(differing(pair)),
      ).decimals(3),
    )
    .withPanel(
      stat(
        { title: 'Pairs compared', description: 'What the rate beside it rests on, in the chosen time.', width: 4 },
        now(increase(judged)),
      ).decimals(0),
    )
    .withPanel(
      stat(
        {
          title: 'Control differs from the primary',
          description: 'The same requests sent to the primary twice: what the service differs from itself.',
          unit: 'percentunit',
          width: 4,
        },
        now(differing('route=~"$route", variant="control"')),
      )
        .decimals(3)
        .noValue('no control traffic'),
    )
    .withPanel(
      stat(
        {
          title: 'Coverage',
          description: 'Compared ÷ expected pairs. The rest is below, by reason; nothing is lost without one.',
          unit: 'percentunit',
          width: 4,
        },
        now(
          `${increase(pair)} / (${increase(pair)} + (sum(increase(understudy_unpaired_total{route=~"$route"}[$__range])) or vector(0)) > 0)`,
        ),
      ).thresholds(steps(['dark-red', null], ['yellow', 0.9], ['green', 0.98])),
    )
    .withPanel(
      stat(
        {
          title: 'Mirrored share',
          description: 'Of the requests that may be mirrored.',
          unit: 'percentunit',
          width: 4,
        },
        now(`max(understudy_shadow_share{route=~"$route"})`),
      ),
    )
    .withRow(new RowBuilder('Equality'))
    .withPanel(
      lines(
        { title: 'Pairs by outcome', description: 'Compared pairs a second.', unit: 'cps', width: 12 },
        [over(`sum by (outcome) (rate(understudy_comparisons_total{${pair}}[$__rate_interval]))`, '{{outcome}}')],
        { stacked: true },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Differing, shadow and control side by side',
          description: 'A shadow that differs no more than the primary differs from itself is as good as the primary.',
          unit: 'percentunit',
          width: 12,
        },
        [over('understudy:different_ratio:rate5m{route=~"$route"}', '{{variant}}')],
      ),
    )
    .withPanel(
      lines(
        { title: 'Differences by kind', description: 'Differences found a second.', unit: 'cps', width: 12 },
        [over(`sum by (kind) (rate(understudy_differences_total{${pair}}[$__rate_interval]))`, '{{kind}}')],
        { stacked: true },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Not compared, by reason',
          description: 'Expected pairs of which a side never came.',
          unit: 'cps',
          width: 12,
        },
        [
          over(
            'sum by (reason) (rate(understudy_unpaired_total{route=~"$route"}[$__rate_interval])) or vector(0)',
            '{{reason}}',
          ),
        ],
        { stacked: true },
      ),
    )
    .withRow(new RowBuilder('Where it differs'))
    .withPanel(
      table(
        {
          title: 'Endpoints',
          description: 'The most differing first, each with the pairs its rate rests on.',
          width: 12,
        },
        [rowsOf(endpointsSql)],
      )
        .overrideByName('differing', [{ id: 'unit', value: 'percentunit' }])
        .overrideByName('endpoint', [
          {
            id: 'links',
            value: [
              {
                title: 'Its comparisons',
                url: `\${ui}/comparisons?route=\${route}&outcome=different&endpoint=\${__value.raw}`,
                targetBlank: true,
              },
            ],
          },
        ]),
    )
    .withPanel(
      table({ title: 'Newest differing comparisons', description: 'Open one to see both sides.', width: 12 }, [
        rowsOf(newestSql),
      ]).overrideByName('id', [
        {
          id: 'links',
          value: [{ title: 'Both sides', url: `\${ui}/comparisons/\${__value.raw}`, targetBlank: true }],
        },
      ]),
    )
    .withRow(new RowBuilder('Latency'))
    .withPanel(
      lines({ title: 'Typical response time', description: 'Median as the tap measured it.', unit: 's', width: 12 }, [
        over(quantile(0.5, 'primary'), 'primary'),
        over(quantile(0.5, 'shadow'), 'shadow'),
      ]),
    )
    .withPanel(
      lines({ title: 'Slow responses', description: '99th percentile as the tap measured it.', unit: 's', width: 12 }, [
        over(quantile(0.99, 'primary'), 'primary'),
        over(quantile(0.99, 'shadow'), 'shadow'),
      ]),
    )
}

const endpointsSql = `SELECT endpoint,
  sum(pairs)::bigint AS pairs,
  (coalesce(sum(pairs) FILTER (WHERE outcome = 'different'), 0) / nullif(sum(pairs) FILTER (WHERE outcome <> 'incomplete'), 0))::float8 AS differing
FROM rollups
WHERE $__timeFilter(minute) AND route = \${route:sqlstring} AND variant = \${variant:sqlstring}
  AND outcome IN ('match', 'noise', 'different', 'incomplete')
GROUP BY endpoint
ORDER BY differing DESC NULLS LAST, pairs DESC
LIMIT 50`

const newestSql = `SELECT created_at AS time, method, path, primary_status AS "primary", shadow_status AS shadow,
  jsonb_array_length(differences) AS differences, exchange_id || ':' || variant AS id
FROM comparisons
WHERE $__timeFilter(created_at) AND route = \${route:sqlstring} AND variant = \${variant:sqlstring} AND outcome = 'different'
ORDER BY created_at DESC, exchange_id DESC
LIMIT 50`
