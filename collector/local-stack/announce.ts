// What a person reads when the stack is up: where everything is and what to try.
import { relative } from 'node:path'
import type { StackFile } from './stack-home.ts'

export type Announced = {
  file: StackFile
  home: string
  seconds: number
  /** `java -cp …` of the Kafka that was started here; undefined for one that runs elsewhere. */
  kafkaClassPath: string | undefined
  isDemo: boolean
}

export function announcement({ file, home, seconds, kafkaClassPath, isDemo }: Announced): string[] {
  const address = isDemo ? `${file.proxy}/api/ticketing/tickets` : `${file.proxy}/`
  const { broker, topic } = { broker: file.kafkaBrokers, topic: 'understudy.comparisons' }
  const rows: [string, string][] = [
    ['proxy', `${file.proxy}    curl -si ${address}`],
    ['UI', `${file.api}/routes    every difference, live, in a browser`],
    ['API', `${file.api}/api/v1/comparisons    ${file.api}/openapi.json`],
    ['Traefik', `${file.traefikApi}/dashboard/`],
    ['status', 'npm run -s understudy -- status'],
    [
      'SQL',
      'export $(npm run -s understudy -- env) && psql "$DATABASE_URL" -c "SELECT * FROM comparisons ORDER BY created_at DESC LIMIT 1"',
    ],
    [
      'Kafka',
      kafkaClassPath === undefined
        ? `npm run -s understudy -- tail comparisons    (or any consumer of ${topic} on ${broker})`
        : `java -cp '${kafkaClassPath}' org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server ${broker} --topic ${topic} --from-beginning`,
    ],
    ['logs', `${relative(process.cwd(), home) || home}/logs`],
  ]
  return [
    '',
    `Understudy is up (${seconds.toFixed(1)} s)`,
    ...rows.map(([name, text]) => `  ${name.padEnd(8)} ${text}`),
    '  Ctrl-C stops everything and keeps the data; npm start -- --reset forgets it.',
    '',
  ]
}
