import { Argument, type Command } from 'commander'
import { countFlag } from './flags.ts'
import { kafkaFailure, openKafka } from './kafka-session.ts'
import type { OpenSession } from './session.ts'
import { readTopic } from './topic-reader.ts'
import { messageJson, messageLine } from './topic-text.ts'

type TailFlags = { fromBeginning?: boolean; limit?: number; follow: boolean }

export function addTailCommand(program: Command, open: OpenSession): void {
  program
    .command('tail')
    .description('records of a Kafka topic as they come, until Ctrl-C')
    .addHelpText(
      'before',
      `Examples:
  understudy tail comparisons
  understudy tail taps --limit 10 --json
  understudy tail dead-letters --from-beginning --no-follow
`,
    )
    .addArgument(new Argument('<topic>').choices(['taps', 'comparisons', 'events', 'dead-letters']))
    .option('--from-beginning', 'everything that the topic still holds, then what comes')
    .option('--limit <count>', 'end after so many', countFlag(1, 1_000_000_000))
    .option('--no-follow', 'end where the topic ended when reading began')
    .action(async (name: string, flags: TailFlags, command: Command) => {
      const session = open(command)
      const topic = `${session.stack.topicPrefix}.${name}`
      let seen = 0
      try {
        await readTopic({
          admin: openKafka(session, 'quick').admin(),
          kafka: openKafka(session, 'patient'),
          topic,
          fromBeginning: flags.fromBeginning ?? false,
          follow: flags.follow,
          signal: session.signal,
          onReady: () =>
            session.out.note(
              `reading ${topic} ${flags.fromBeginning ? 'from its beginning' : 'from now on'}; Ctrl-C ends it`,
            ),
          onMessage({ partition, message }) {
            session.out.line(session.wantsJson ? messageJson({ topic, partition }, message) : messageLine(message))
            seen += 1
            return flags.limit === undefined || seen < flags.limit
          },
        })
      } catch (error) {
        throw kafkaFailure(error, session.stack.kafkaBrokers)
      }
    })
}
