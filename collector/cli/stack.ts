// Which Understudy a command talks to: the environment says, else what `npm start` wrote down, else the usual ports.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { CliError, exitCodes } from './cli-error.ts'

const projectHome = resolve(import.meta.dirname, '../../.understudy')

/** What the native stack writes when it is up; anything else in it is not ours to read. */
const StackFile = z.looseObject({
  api: z.string().optional(),
  proxy: z.string().optional(),
  traefikApi: z.string().optional(),
  databaseUrl: z.string().optional(),
  kafkaBrokers: z.union([z.string(), z.array(z.string()).transform((brokers) => brokers.join(','))]).optional(),
  dynamicDir: z.string().optional(),
  /** The one file of ours in `dynamicDir` that puts overlays in front of the plain routers. */
  overlayFile: z.string().optional(),
  topicPrefix: z.string().optional(),
  adminToken: z.string().optional(),
})

export type Stack = {
  /** Base address of the API, without a slash at its end. */
  api: string
  apiFrom: 'UNDERSTUDY_API' | 'stack file' | 'default'
  adminToken: string | undefined
  proxy: string | undefined
  traefikApi: string
  databaseUrl: string | undefined
  kafkaBrokers: string
  /** Nobody said where these are: the usual port of the native stack is tried. */
  isGuessed: { traefikApi: boolean; kafkaBrokers: boolean }
  topicPrefix: string
  dynamicDir: string | undefined
  overlayFile: string | undefined
  /** Where the native stack keeps its data. */
  home: string
}

/** @throws CliError `usage` when UNDERSTUDY_API is no address */
export function findStack(env: Record<string, string | undefined>): Stack {
  const home = env.UNDERSTUDY_HOME || projectHome
  const written = readStackFile(join(home, 'stack.json'))
  const api = env.UNDERSTUDY_API || written.api || 'http://127.0.0.1:8081'
  if (!/^https?:\/\/[^\s/?#]+/.test(api)) {
    throw new CliError(
      `UNDERSTUDY_API is ${JSON.stringify(api)}: expected an address such as http://127.0.0.1:8081`,
      exitCodes.usage,
    )
  }
  return {
    api: api.replace(/\/+$/, ''),
    apiFrom: env.UNDERSTUDY_API ? 'UNDERSTUDY_API' : written.api ? 'stack file' : 'default',
    adminToken: env.UNDERSTUDY_ADMIN_TOKEN || readValue('UNDERSTUDY_ADMIN_TOKEN_FILE', env) || written.adminToken,
    proxy: written.proxy,
    traefikApi: env.UNDERSTUDY_TRAEFIK_API || written.traefikApi || 'http://127.0.0.1:8002',
    databaseUrl: env.DATABASE_URL || readValue('DATABASE_URL_FILE', env) || written.databaseUrl,
    kafkaBrokers: env.KAFKA_BROKERS || written.kafkaBrokers || '127.0.0.1:9092',
    isGuessed: {
      traefikApi: !(env.UNDERSTUDY_TRAEFIK_API || written.traefikApi),
      kafkaBrokers: !(env.KAFKA_BROKERS || written.kafkaBrokers),
    },
    topicPrefix: env.UNDERSTUDY_TOPIC_PREFIX || written.topicPrefix || 'understudy',
    dynamicDir: env.UNDERSTUDY_TRAEFIK_DYNAMIC_DIR || written.dynamicDir,
    overlayFile: written.overlayFile,
    home,
  }
}

function readStackFile(path: string): z.output<typeof StackFile> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return {}
  }
  try {
    return StackFile.parse(JSON.parse(text))
  } catch {
    // Half-written or of another version: the usual ports are the better guess than no answer.
    return {}
  }
}

function readValue(name: string, env: Record<string, string | undefined>): string | undefined {
  const path = env[name]
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(`${name} cannot be read: ${reason}`, exitCodes.usage)
  }
}
