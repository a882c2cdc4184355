// "Pipeline health": Traefik, tap, ingest, Kafka, pairing and store, in the order in which a record passes them.
import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { changes, frame, uids } from './dashboard-frame.ts'
import { lines } from './panels.ts'
import { over } from './queries.ts'

const p99 = (histogram: string) => `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`

export function pipelineHealth(): DashboardBuilder {
  return frame(uids.pipeline, 'Understudy: pipeline health', 'From the taps to PostgreSQL, stage after stage')
    .annotation(changes(''))
    .withRow(new RowBuilder('Traefik'))
    .withPanel(
      lines(
        {
          title: 'Runs what was rendered',
          description: '1 for a Traefik that does, 0 for one that does not; told by the process that leads.',
          width: 12,
        },
        [over('min by (traefik) (understudy_traefik_current)', '{{traefik}}')],
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Changed by another hand',
          description:
            'Times in ten minutes that what was rendered was found changed, deleted or older, and put right.',
          width: 12,
        },
        [over('sum by (traefik, kind) (increase(understudy_drift_total[10m])) or vector(0)', '{{traefik}} {{kind}}')],
      ),
    )
    .withRow(new RowBuilder('Tap'))
    .withPanel(
      lines(
        { title: 'Records', description: 'Tap records that ingest acknowledged, a second.', unit: 'cps', width: 8 },
        [over('sum by (side) (rate(understudy_tap_records_total[$__rate_interval]))', '{{side}}')],
        { stacked: true },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Shed by the guard',
          description: 'Copies that the guard of a shadow or the control did not send, by reason; each has its record.',
          unit: 'cps',
          width: 8,
        },
        [
          over(
            'sum by (route, reason) (rate(understudy_shed_total[$__rate_interval])) or vector(0)',
            '{{route}} {{reason}}',
          ),
        ],
        { stacked: true },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Dropped',
          description: 'What was given up, by stage and reason. Should be nothing.',
          unit: 'cps',
          width: 8,
        },
        [
          over(
            'sum by (stage, reason) (rate(understudy_dropped_total[$__rate_interval])) or vector(0)',
            '{{stage}} {{reason}}',
          ),
        ],
        { stacked: true },
      ),
    )
    .withRow(new RowBuilder('Ingest and Kafka'))
    .withPanel(
      lines(
        {
          title: 'Batch acknowledged',
          description: "From a batch received to its 202, that is after Kafka's acks=all; 99th percentile.",
          unit: 's',
          width: 8,
        },
        [over(p99('understudy_ingest_seconds'), 'p99')],
      ),
    )
    .withPanel(
      lines({ title: 'Waiting for Kafka', description: 'Bytes not acknowledged yet.', unit: 'bytes', width: 8 }, [
        over('sum(understudy_ingest_queue_bytes)', 'bytes'),
      ]),
    )
    .withPanel(
      lines(
        {
          title: 'Consumer lag',
          description: 'Records behind the newest one; grows while pairing is too slow.',
          width: 8,
        },
        [over('sum by (partition) (understudy_consumer_lag_records)', 'partition {{partition}}')],
        { stacked: true },
      ),
    )
    .withRow(new RowBuilder('Pairing and comparing'))
    .withPanel(
      lines({ title: 'Waiting for a side', description: 'Exchanges that wait for the other answer.', width: 6 }, [
        over('sum(understudy_pending_pairs)', 'exchanges'),
      ]),
    )
    .withPanel(
      lines(
        {
          title: 'Held while waiting',
          description: 'Captured bytes of these exchanges, each process up to UNDERSTUDY_MAX_PENDING_MIB.',
          unit: 'bytes',
          width: 6,
        },
        [over('understudy_pending_bytes{job="understudy"}', '{{instance}}')],
      ),
    )
    .withPanel(
      lines({ title: 'Wait for the other side', description: '99th percentile.', unit: 's', width: 6 }, [
        over(p99('understudy_pair_wait_seconds'), 'p99'),
      ]),
    )
    .withPanel(
      lines(
        {
          title: 'Dead letters, replaced workers, left out',
          description:
            'Should be nothing. Left out: noise, causes or evidence beyond its bound, counted together and not one by one.',
          unit: 'cps',
          width: 6,
        },
        [
          over(
            'sum by (reason) (rate(understudy_dead_letters_total[$__rate_interval])) or vector(0)',
            'dead letter {{reason}}',
          ),
          over(
            'sum by (reason) (rate(understudy_comparer_restarts_total[$__rate_interval])) or vector(0)',
            'worker {{reason}}',
          ),
          over('sum by (what) (rate(understudy_left_out_total[$__rate_interval])) or vector(0)', 'left out {{what}}'),
        ],
      ),
    )
    .withRow(new RowBuilder('Store and process'))
    .withPanel(
      lines(
        {
          title: 'Batch written',
          description: 'One statement, one transaction; 99th percentile.',
          unit: 's',
          width: 6,
        },
        [over(p99('understudy_store_batch_seconds'), 'p99')],
      ),
    )
    .withPanel(
      lines({ title: 'CPU', description: 'Of the collector, in cores.', width: 6 }, [
        over('rate(process_cpu_seconds_total{job="understudy"}[$__rate_interval])', '{{instance}}'),
      ]),
    )
    .withPanel(
      lines({ title: 'Memory', description: 'Resident, of the collector.', unit: 'bytes', width: 6 }, [
        over('process_resident_memory_bytes{job="understudy"}', '{{instance}}'),
      ]),
    )
    .withPanel(
      lines(
        { title: 'Event loop', description: '99th percentile of its delay, told from 100 ms up.', unit: 's', width: 6 },
        [over('nodejs_eventloop_lag_p99_seconds{job="understudy"}', '{{instance}}')],
      ),
    )
}
