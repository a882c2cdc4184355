// Where this installation's own parts listen: no route may lead there.
import type { Config } from '../config.ts'
import type { OwnAddress } from '../rollout/target-guard.ts'

export function ownAddresses(config: Config): OwnAddress[] {
  const brokers = config.kafkaBrokers.map((broker) => {
    const [host = '', port = ''] = broker.split(':')
    return { what: 'Kafka', host, port: Number(port) }
  })
  return [
    { what: "Understudy's API", host: config.adminBind, port: config.httpPort },
    { what: "Understudy's ingest", host: config.ingestBind, port: config.ingestPort },
    ...brokers,
    ofUrl('PostgreSQL', config.databaseUrl, 5432),
    ...config.traefikApi.map(({ url }) => ofUrl("Traefik's API", url, 80)),
  ]
}

function ofUrl(what: string, text: string, fallbackPort: number): OwnAddress {
  const { hostname, port, protocol } = new URL(text)
  return {
    what,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : fallbackPort)),
  }
}
