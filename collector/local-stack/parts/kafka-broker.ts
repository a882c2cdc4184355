// One Kafka broker with its own controller, sized for a small machine. It creates no topics.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import { freePort } from '../ports.ts'
import type { RunningPart } from './finding.ts'
import type { KafkaPart } from './kafka.ts'
import { startPartProcess } from './part-process.ts'
import { runTool } from './run-tool.ts'

const MAX_MESSAGE_BYTES = 5 * 1024 * 1024
/** For a small machine and short runs: what is compiled best comes after minutes and takes a core until then. */
const JVM_FLAGS = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

export type KafkaOptions = { port: number; dataDir: string; logFile: string; signal?: AbortSignal }

/** Formats the storage at the first start. Ready when the broker knows itself as a member of the cluster. */
export async function startKafka(part: KafkaPart, options: KafkaOptions): Promise<RunningPart> {
  await mkdir(options.dataDir, { recursive: true })
  const propertiesFile = join(options.dataDir, 'server.properties')
  const logConfigFile = join(options.dataDir, 'log4j2.yaml')
  const logs = join(options.dataDir, 'logs')
  await writeFile(propertiesFile, properties({ port: options.port, controllerPort: await freePort(), logs }))
  await writeFile(logConfigFile, LOG_CONFIG)
  if (!existsSync(join(logs, 'meta.properties'))) await format(part, propertiesFile, options.signal)
  return startPartProcess({
    name: 'Kafka',
    address: `127.0.0.1:${options.port}`,
    command: part.java,
    args: [
      ...JVM_FLAGS,
      `-Dlog4j2.configurationFile=${logConfigFile}`,
      '-cp',
      part.classPath,
      'kafka.Kafka',
      propertiesFile,
    ],
    cwd: options.dataDir,
    logFile: options.logFile,
    isReady: () => knowsABroker(options.port),
    readyWithinMs: 60_000,
    ...(options.signal ? { signal: options.signal } : {}),
  })
}

function properties(options: { port: number; controllerPort: number; logs: string }): string {
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    // Static voters are not kept in the log, so the controller may have another port at every start.
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': options.logs,
    'auto.create.topics.enable': false,
    'message.max.bytes': MAX_MESSAGE_BYTES,
    'replica.fetch.max.bytes': MAX_MESSAGE_BYTES,
    'socket.request.max.bytes': 32 * 1024 * 1024,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.segment.bytes': 16 * 1024 * 1024,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.coordinator.rebalance.protocols': 'classic,consumer',
    'log.segment.bytes': 128 * 1024 * 1024,
    'log.index.size.max.bytes': 1024 * 1024,
    'log.retention.hours': 24,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // The controller's records of nothing, two a second by default, are for brokers that lag behind; here is one.
    'metadata.max.idle.interval.ms': 10_000,
    'broker.heartbeat.interval.ms': 1000,
    // After a kill, a broker may only come back when its last session has ended.
    'broker.session.timeout.ms': 5000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // Every thread more wakes up several times a second, also when there is nothing to do.
    'listener.name.controller.num.network.threads': 1,
    'group.coordinator.threads': 1,
    'num.recovery.threads.per.data.dir': 2,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}

const LOG_CONFIG = `Configuration:
  status: WARN
  Appenders:
    Console: { name: out, target: SYSTEM_OUT, PatternLayout: { pattern: '%d{ISO8601} %p %c{1} %m%n' } }
  Loggers:
    Root: { level: WARN, AppenderRef: { ref: out } }
`

/** A format that was interrupted leaves no meta.properties, so it is simply done again. */
async function format(part: KafkaPart, propertiesFile: string, signal: AbortSignal | undefined): Promise<void> {
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const fast = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const args = [
    ...fast,
    '-cp',
    part.classPath,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    propertiesFile,
  ]
  const { code, output } = await runTool(part.java, args, signal ? { signal } : {})
  if (code !== 0) {
    throw new UnderstudyError(
      'unexpected',
      `Kafka's storage could not be formatted: ${output.trim().split('\n').at(-1)}`,
      { retriable: false },
    )
  }
}

/** One Metadata request (version 4, no topics): the answer lists the brokers that take requests. */
export function knowsABroker(port: number): Promise<boolean> {
  const request = Buffer.from('00000010' + '0003' + '0004' + '00000001' + 'ffff' + '00000000' + '00', 'hex')
  request.writeInt32BE(request.length - 4, 0)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let answer = Buffer.alloc(0)
    const done = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(1_000, () => done(false))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
    socket.once('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      // size, correlation id and throttle time, 4 bytes each, come before the number of brokers
      if (answer.length >= 16) done(answer.readInt32BE(12) > 0)
    })
  })
}
