// Kafka and PostgreSQL in containers, by testcontainers: what UNDERSTUDY_TEST_SERVICES=containers asks for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { PROJECT_FOLDER } from '../../collector/local-stack/docker/production-stack.ts'
import { knowsABroker } from '../../collector/local-stack/parts/kafka-broker.ts'
import { freePort } from '../../collector/local-stack/ports.ts'
import { openDocker } from './docker.ts'
import type { SharedParts } from './real-parts.ts'
import { waitUntil } from './wait-until.ts'

const COMPOSE = join(PROJECT_FOLDER, 'collector/compose')
const PASSWORD = 'only-for-this-run'

/** The engine is ended with them where this has started it. */
export async function startContainerParts(): Promise<SharedParts> {
  const docker = await openDocker()
  process.env.DOCKER_HOST = docker.engine.host
  // Its image cannot be had here; what is started is stopped by us.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
  const running: StartedTestContainer[] = []
  const stop = async () => {
    await Promise.all(running.map((container) => container.stop({ timeout: 2_000 })))
    await docker.engine.stop()
  }
  try {
    const [kafkaImage, postgresImage] = [await docker.images.kafka(), await docker.images.postgres()]
    const [kafka, postgres] = await Promise.all([
      startKafka(kafkaImage, running),
      startPostgres(postgresImage, running),
    ])
    return { kafka, postgres, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its port is the same on both sides: a broker tells its clients where it is to be reached. */
async function startKafka(image: string, running: StartedTestContainer[]): Promise<string> {
  const port = await freePort()
  const properties = readFileSync(join(COMPOSE, 'kafka.properties'), 'utf8')
    .replace('PLAINTEXT://:9092', `PLAINTEXT://:${port}`)
    .replace('PLAINTEXT://kafka:9092', `PLAINTEXT://127.0.0.1:${port}`)
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: port, host: port })
    .withCopyContentToContainer([
      { content: properties, target: '/etc/understudy/kafka.properties' },
      { content: readFileSync(join(COMPOSE, 'kafka-log.yaml'), 'utf8'), target: '/etc/understudy/kafka-log.yaml' },
      { content: readFileSync(join(COMPOSE, 'kafka.sh'), 'utf8'), target: '/etc/understudy/kafka.sh' },
    ])
    .withEntrypoint(['/bin/sh', '/etc/understudy/kafka.sh'])
    .withStartupTimeout(120_000)
    .withWaitStrategy(Wait.forListeningPorts())
    .start()
  running.push(container)
  await waitUntil(() => knowsABroker(port), { withinMs: 120_000, everyMs: 100, what: 'Kafka to know itself' })
  return `127.0.0.1:${port}`
}

async function startPostgres(image: string, running: StartedTestContainer[]): Promise<string> {
  const script = [
    `echo ${PASSWORD} > /tmp/password`,
    'initdb --pgdata=/tmp/data --username=postgres --pwfile=/tmp/password --auth=scram-sha-256 >/dev/null',
    "echo 'host all all all scram-sha-256' >> /tmp/data/pg_hba.conf",
    "exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off -c max_connections=200",
  ]
  const container = await new GenericContainer(image)
    .withUser('postgres')
    .withExposedPorts(5432)
    .withEntrypoint(['/bin/sh', '-c', script.join(' && ')])
    .withStartupTimeout(120_000)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/))
    .start()
  running.push(container)
  return `postgres://postgres:${PASSWORD}@127.0.0.1:${container.getMappedPort(5432)}/postgres`
}
