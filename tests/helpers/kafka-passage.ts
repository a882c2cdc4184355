// Baseline for the pipeline's bench, run as a process of its own: kafkajs as it comes, the same records written with
// acks=all and read back by a group, nothing done with them. Prints one line of JSON.
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { createBatchSource } from './tap-batches.ts'

const [broker = '', topic = '', pairsText = '0'] = process.argv.slice(2)
const pairs = Number(pairsText)
process.removeAllListeners('warning')
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 6 }] })
await admin.disconnect()
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
await producer.connect()
const source = createBatchSource({ bodyBytes: 1024, pairsPerBatch: 128, differingPercent: 0, slots: 1 })

const started = process.cpuUsage()
let sent = 0
while (sent < pairs) {
  const lines = source.next(0).toString('latin1').split('\n').slice(1, -1)
  const messages = lines.map((line) => ({ key: line.slice(13, 49), value: Buffer.from(line, 'latin1') }))
  await producer.send({ topic, acks: -1, messages })
  sent += source.pairsPerBatch
}
const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 })
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
let read = 0
await new Promise<void>((resolve) => {
  void consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      read += batch.messages.length
      if (read >= sent * 2) resolve()
    },
  })
})
const { user, system } = process.cpuUsage(started)
process.stdout.write(`${JSON.stringify({ microsPerPair: (user + system) / sent })}\n`)
process.exit(0)
