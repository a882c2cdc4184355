// The kinds of panels that the dashboards are made of, each with the same manners: a unit, words for "nothing yet",
// and a sentence on what one sees.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as Timeseries } from '@grafana/grafana-foundation-sdk/timeseries'

const nothingYet = 'no traffic yet'

export type PanelText = { title: string; description: string; unit?: string; width: number; height?: number }

/** One number to decide by. */
export function stat({ title, description, unit = 'short', width, height = 4 }: PanelText, query: Builder<Dataquery>) {
  return new Stat()
    .title(title)
    .description(description)
    .unit(unit)
    .noValue(nothingYet)
    .span(width)
    .height(height)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(query)
}

/** Lines over time; `stacked` where the parts add up to something. */
export function lines(
  { title, description, unit = 'short', width, height = 8 }: PanelText,
  queries: Builder<Dataquery>[],
  how: { stacked?: true; max?: number } = {},
) {
  const panel = new Timeseries()
    .title(title)
    .description(description)
    .unit(unit)
    .noValue(nothingYet)
    .min(0)
    .span(width)
    .height(height)
    .lineWidth(1)
    .fillOpacity(how.stacked ? 40 : 5)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
  if (how.max !== undefined) panel.max(how.max)
  if (how.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
  for (const query of queries) panel.withTarget(query)
  return panel
}

export function table({ title, description, width, height = 10 }: PanelText, queries: Builder<Dataquery>[]) {
  const panel = new Table().title(title).description(description).noValue(nothingYet).span(width).height(height)
  for (const query of queries) panel.withTarget(query)
  return panel
}

/** Colours change at these values, from the lowest up; the first one holds below them all. */
export function steps(...given: [colour: string, from: number | null][]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(given.map(([color, value]) => ({ color, value })))
}
