// "Overview": every route in a line, and what has to be looked at now.
import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { changes, frame, uids } from './dashboard-frame.ts'
import { lines, stat, steps, table } from './panels.ts'
import { now, nowAsTable, over } from './queries.ts'
import { uiVariable } from './variables.ts'
import { verdictWords } from './verdict-words.ts'

const shadows = 'variant!="control"'

export function overview(): DashboardBuilder {
  return frame(uids.overview, 'Understudy: overview', 'Every route and shadow at a glance')
    .withVariable(uiVariable())
    .annotation(changes(''))
    .withPanel(
      stat(
        {
          title: 'Routes with traffic',
          description: 'Routes whose taps shipped records in the chosen time.',
          width: 4,
        },
        now('count(sum by (route) (increase(understudy_tap_records_total[$__range])) > 0)'),
      ).decimals(0),
    )
    .withPanel(
      stat(
        { title: 'Pairs compared', description: 'In the chosen time, over all shadows.', width: 4 },
        now(`sum(increase(understudy_comparisons_total{${shadows}}[$__range]))`),
      ).decimals(0),
    )
    .withPanel(
      stat(
        {
          title: 'Failing verdicts',
          description: 'Shadows that are proven to differ, or whose routing is broken.',
          width: 4,
        },
        now('count(understudy_verdict < 0) or vector(0)'),
      )
        .decimals(0)
        .thresholds(steps(['green', null], ['red', 1])),
    )
    .withPanel(
      stat(
        { title: 'Passing verdicts', description: 'Shadows proven to be within their tolerance.', width: 4 },
        now('count(understudy_verdict == 1) or vector(0)'),
      ).decimals(0),
    )
    .withPanel(
      stat(
        { title: 'Dropped', description: 'Expected pairs given up in the chosen time, at any stage.', width: 4 },
        now('sum(increase(understudy_dropped_total[$__range])) or vector(0)'),
      )
        .decimals(0)
        .thresholds(steps(['green', null], ['red', 1])),
    )
    .withPanel(
      stat(
        { title: 'Firing alerts', description: "Understudy's own alert rules, as Prometheus holds them.", width: 4 },
        now('count(ALERTS{alertstate="firing", alertname=~"Understudy.+"}) or vector(0)'),
      )
        .decimals(0)
        .thresholds(steps(['green', null], ['red', 1])),
    )
    .withPanel(
      table(
        {
          title: 'Routes',
          description: 'Each shadow with its verdict, the share that differs and the pairs that it rests on.',
          width: 24,
        },
        [
          nowAsTable('verdict', 'max by (route, variant) (understudy_verdict)'),
          nowAsTable(
            'differing',
            `(sum by (route, variant) (increase(understudy_comparisons_total{${shadows}, outcome="different"}[$__range]))
  or 0 * sum by (route, variant) (increase(understudy_comparisons_total{${shadows}}[$__range])))
  / (sum by (route, variant) (increase(understudy_comparisons_total{${shadows}, outcome!="incomplete"}[$__range])) > 0)`,
          ),
          nowAsTable('pairs', `sum by (route, variant) (increase(understudy_comparisons_total{${shadows}}[$__range]))`),
        ],
      )
        .transformations([
          { id: 'merge', options: {} },
          {
            id: 'organize',
            options: {
              excludeByName: { Time: true },
              renameByName: { 'Value #verdict': 'verdict', 'Value #differing': 'differing', 'Value #pairs': 'pairs' },
            },
          },
        ])
        .overrideByName('verdict', [{ id: 'mappings', value: verdictWords }])
        .overrideByName('differing', [
          { id: 'unit', value: 'percentunit' },
          { id: 'decimals', value: 3 },
        ])
        .overrideByName('pairs', [{ id: 'decimals', value: 0 }])
        .overrideByName('route', [
          {
            id: 'links',
            value: [
              { title: 'Is it safe to promote?', url: `/d/${uids.safeToPromote}?var-route=\${__value.raw}` },
              { title: 'The report', url: `\${ui}/routes/\${__value.raw}`, targetBlank: true },
            ],
          },
        ]),
    )
    .withRow(new RowBuilder('Traffic and equality'))
    .withPanel(
      lines(
        {
          title: 'Mirrored requests',
          description: 'Primary answers that the taps shipped, a second.',
          unit: 'reqps',
          width: 12,
        },
        [over('sum by (route) (rate(understudy_tap_records_total{side="primary"}[$__rate_interval]))', '{{route}}')],
        { stacked: true },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Differing',
          description: 'Of the pairs compared whole, over five minutes.',
          unit: 'percentunit',
          width: 12,
        },
        [over(`understudy:different_ratio:rate5m{${shadows}}`, '{{route}} {{variant}}')],
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Coverage',
          description: 'Compared ÷ expected pairs, over five minutes.',
          unit: 'percentunit',
          width: 12,
        },
        [over('understudy:coverage_ratio:rate5m', '{{route}}')],
        { max: 1 },
      ),
    )
    .withPanel(
      lines(
        { title: 'Slow responses', description: '99th percentile by side, over five minutes.', unit: 's', width: 12 },
        [over('understudy:response_seconds:p99_5m', '{{route}} {{side}}')],
      ),
    )
}
