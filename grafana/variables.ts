// What a person chooses on top of a dashboard.
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheus } from './queries.ts'

/** Where the dashboards' links lead: the admin UI as the reader's browser reaches it. */
export const uiVariable = () =>
  new TextBoxVariableBuilder('ui')
    .label('Admin UI')
    .description('Address of the admin UI as your browser reaches it')
    .defaultValue('http://127.0.0.1:8081')

export const routeVariable = () =>
  new QueryVariableBuilder('route')
    .label('Route')
    .datasource(prometheus)
    .query('label_values(understudy_tap_records_total, route)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)

/** The shadows of the route; the control traffic is shown beside them, never as one of them. */
export const variantVariable = () =>
  new QueryVariableBuilder('variant')
    .label('Shadow')
    .datasource(prometheus)
    .query('label_values(understudy_comparisons_total{route=~"$route", variant!="control"}, variant)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)

export const datasourceVariable = () =>
  new DatasourceVariableBuilder('datasource')
    .label('Prometheus')
    .type('prometheus')
    .regex('/^Understudy/')
    .current({ text: 'Understudy Prometheus', value: 'understudy-prometheus' })
