// The descriptor sets of the routes, read once and again when a route or its file changes; what cannot be read is told
// once, and its route's bodies are compared by their bytes.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { MAX_SET_BYTES, messageTypeOf, type ProtobufTypes } from '../../plugin-config/protobuf-types.ts'
import type { Route } from '../../plugin-config/route.ts'
import { bodyKind } from '../core/compare/body-kind.ts'
import { readMessageTypes } from '../core/protobuf/message-types.ts'
import type { HeaderValues } from '../core/tap-record.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { CompareJob, MessageSet } from '../pipeline/compare-message.ts'
import { readBoundedBytes } from './read-bounded.ts'

export type MessageSets = {
  /** What the bodies of an answer on this route hold; undefined where that is not known, or they are of another kind. */
  of(route: string, request: { method: string; uri: string }, headers: HeaderValues | undefined): CompareJob['messages']
  /** Reads what is new; resolves when it is known. */
  refresh(): Promise<void>
  close(): void
}

const LOOK_EVERY_MS = 5_000

export function openMessageSets({ routes, log }: { routes: () => readonly Route[]; log: Log }): MessageSets {
  let sets = new Map<string, { set: MessageSet; messageOf: ReturnType<typeof messageTypeOf> }>()
  let bySource = new Map<string, MessageSet>()
  let problems = new Map<string, string>()
  let turn: Promise<void> = Promise.resolve()

  const look = async () => {
    const fresh: typeof sets = new Map()
    const read: typeof bySource = new Map()
    const wrong: typeof problems = new Map()
    for (const { name, protobuf } of routes()) {
      if (protobuf === undefined) continue
      try {
        const source = await sourceOf(protobuf)
        const set = read.get(source) ?? bySource.get(source) ?? (await readSet(protobuf))
        read.set(source, set)
        fresh.set(name, { set, messageOf: messageTypeOf(protobuf.message) })
      } catch (error) {
        const problem = messageOf(error)
        if (problems.get(name) !== problem) {
          const from = protobuf.file ?? 'protobuf.set'
          log.warn({ route: name, from, problem }, 'a descriptor set cannot be read: protobuf is compared by its bytes')
        }
        wrong.set(name, problem)
      }
    }
    sets = fresh
    bySource = read
    problems = wrong
  }
  const refresh = () => {
    turn = turn.then(look, look)
    return turn
  }
  const timer = setInterval(refresh, LOOK_EVERY_MS)
  timer.unref()

  return {
    of(route, { method, uri }, headers) {
      const found = sets.get(route)
      if (found === undefined || headers === undefined) return undefined
      const kind = bodyKind(headers)
      if (kind !== 'grpc' && kind !== 'protobuf') return undefined
      const message = found.messageOf(method, uri.split('?', 1)[0] ?? '')
      return { ...found.set, uri, ...(message !== undefined && { message }) }
    },
    refresh,
    close: () => clearInterval(timer),
  }
}

/** Another one whenever there may be other bytes. */
async function sourceOf({ file, set = '' }: ProtobufTypes): Promise<string> {
  if (file === undefined) return set
  const { ino, size, mtimeNs } = await stat(file, { bigint: true })
  return `${file} ${ino} ${size} ${mtimeNs}`
}

async function readSet({ file, set = '' }: ProtobufTypes): Promise<MessageSet> {
  const bytes = file === undefined ? Buffer.from(set, 'base64') : await readBoundedBytes(file, MAX_SET_BYTES)
  // Throws for what is none, here and not in the thread that compares.
  readMessageTypes(bytes)
  // Shared with that thread, so that no job carries a copy.
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return { id: createHash('sha256').update(bytes).digest('hex'), bytes: shared }
}
