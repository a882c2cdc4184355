// Settings come from the environment, once, at the start. A bad value stops the start, with all problems in one message.
import { isIP } from 'node:net'
import { z } from 'zod'
import { parseTargetNetworks } from '../plugin-config/target-networks.ts'
import { parseTraefikPlaces } from '../plugin-config/traefik-places.ts'
import { patternNames } from './core/secret-patterns.ts'
import { OWN_WORD } from './core/secret-words.ts'
import { UnderstudyError } from './errors.ts'

export const roles = ['ingest', 'compare', 'api', 'control'] as const
export type Role = (typeof roles)[number]

const port = z.coerce.number().int().min(1).max(65535)
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const list = <T extends z.ZodType<unknown, string>>(of: T) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(of).max(100))
const httpUrl = z.url({ protocol: /^https?$/ })

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const longest = { 4: 32, 6: 128 }[isIP(address)]
  if (longest === undefined || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest)
}

type Setting = { name: string; fallback: string; what: string; secret?: true; schema: z.ZodType }

/** Every setting, in the order of README's table (a test holds the two together). An empty fallback means "not set". */
export const settings = {
  databaseUrl: {
    name: 'DATABASE_URL',
    fallback: '',
    what: 'PostgreSQL 15 to 18, as a URL',
    secret: true,
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
  },
  kafkaBrokers: {
    name: 'KAFKA_BROKERS',
    fallback: '127.0.0.1:9092',
    what: 'Kafka brokers, `host:port`, separated by commas',
    schema: z
      .string()
      .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'expected host:port[,host:port…]')
      .transform((text) => text.split(',')),
  },
  roles: {
    name: 'UNDERSTUDY_ROLES',
    fallback: 'ingest,compare,api,control',
    what: 'what this process does',
    schema: z
      .string()
      .transform((text) => text.split(',').map((role) => role.trim()))
      .pipe(z.array(z.enum(roles)).min(1)),
  },
  adminBind: {
    name: 'UNDERSTUDY_ADMIN_BIND',
    fallback: '127.0.0.1',
    what: 'address of the API; any but loopback needs `UNDERSTUDY_ADMIN_TOKEN`',
    schema: z.string().min(1),
  },
  httpPort: { name: 'UNDERSTUDY_HTTP_PORT', fallback: '8081', what: 'port of the API and `/metrics`', schema: port },
  adminToken: {
    name: 'UNDERSTUDY_ADMIN_TOKEN',
    fallback: '',
    what: 'bearer token with every right; not set: loopback only, no login',
    secret: true,
    schema: z.string().min(16),
  },
  adminHosts: {
    name: 'UNDERSTUDY_ADMIN_HOSTS',
    fallback: '',
    what: 'further host names under which the API may be called (loopback names always may)',
    schema: z.string().transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter(Boolean),
    ),
  },
  adminNetworks: {
    name: 'UNDERSTUDY_ADMIN_NETWORKS',
    fallback: '127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10',
    what: 'networks that may reach the API at all, `address` or `address/bits`, separated by commas',
    schema: z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((network) => network.trim())
          .filter(Boolean),
      )
      .pipe(z.array(z.string().refine(isNetwork, 'expected address or address/bits, as 10.0.0.0/8')).min(1)),
  },
  adminPublished: {
    name: 'UNDERSTUDY_ADMIN_PUBLISHED',
    fallback: '',
    what: "in a container: the host's address at which the API's port is published; on loopback, who comes from the host needs no login",
    schema: z.string().min(1),
  },
  ingestBind: {
    name: 'UNDERSTUDY_INGEST_BIND',
    fallback: '127.0.0.1',
    what: 'address of ingest, where taps deliver',
    schema: z.string().min(1),
  },
  ingestPort: { name: 'UNDERSTUDY_INGEST_PORT', fallback: '8082', what: 'port of ingest', schema: port },
  ingestUrl: {
    name: 'UNDERSTUDY_INGEST_URL',
    fallback: '',
    what: 'ingest as the taps reach it; default `http://127.0.0.1:<port>/v1/taps`',
    schema: httpUrl,
  },
  ingestTokenFile: {
    name: 'UNDERSTUDY_INGEST_TOKEN_FILE',
    fallback: '',
    what: 'file with the token that taps must bring',
    schema: z.string().min(1),
  },
  hmacKeyFile: {
    name: 'UNDERSTUDY_HMAC_KEY_FILE',
    fallback: '',
    what: 'file with the key of the hashes that stand for secrets; the same for every proxy',
    schema: z.string().min(1),
  },
  redactKeys: {
    name: 'UNDERSTUDY_REDACT_KEYS',
    fallback: '',
    what: 'further words of JSON keys and form fields whose values ingest hides, separated by commas',
    schema: list(z.string().regex(OWN_WORD, 'expected letters, digits, _ and -')),
  },
  redactPatterns: {
    name: 'UNDERSTUDY_REDACT_PATTERNS',
    fallback: 'card,email,token',
    what: 'what ingest hides by its looks, whatever its key: `card`, `email`, `token`, or `none`',
    schema: z
      .string()
      .transform((text) => (text.trim() === 'none' ? '' : text))
      .pipe(list(z.enum(patternNames))),
  },
  traefikApi: {
    name: 'UNDERSTUDY_TRAEFIK_API',
    fallback: 'http://127.0.0.1:8002',
    what: "Traefik's API; of several Traefiks `name=url`, separated by commas",
    schema: z.string().transform((text, context) => {
      const parsed = parseTraefikPlaces(text)
      if (parsed.ok) return parsed.places
      context.addIssue({ code: 'custom', message: parsed.message })
      return z.NEVER
    }),
  },
  traefikDynamicDir: {
    name: 'UNDERSTUDY_TRAEFIK_DYNAMIC_DIR',
    fallback: '',
    what: "folder that the first Traefik's file provider watches; ours is `understudy.yaml` in it. Not set, and for every other Traefik: its HTTP provider fetches `/traefik/config/<name>` from ingest",
    schema: z.string().min(1),
  },
  dockerHost: {
    name: 'UNDERSTUDY_DOCKER_HOST',
    fallback: '',
    what: "Docker engine to read labels from: a socket's path, or `tcp://` of a proxy that lets `GET /containers/json` and `/events` through; not set: services pair by name alone",
    schema: z
      .string()
      .regex(/^(unix:\/\/)?\/.|^tcp:\/\/[^\s/@]+:\d+$/, 'expected /path/to/docker.sock or tcp://host:port'),
  },
  routesFile: {
    name: 'UNDERSTUDY_ROUTES_FILE',
    fallback: '',
    what: 'routes file (`understudy.yaml`), watched',
    schema: z.string().min(1),
  },
  seedFile: {
    name: 'UNDERSTUDY_SEED_FILE',
    fallback: '',
    what: 'routes file read once, at the start: its routes are ordinary ones (`npm start` hands over its flags so)',
    schema: z.string().min(1),
  },
  targetNetworks: {
    name: 'UNDERSTUDY_TARGET_NETWORKS',
    fallback: 'loopback,private',
    what: 'where routes may lead: `loopback`, `private`, ranges (`203.0.113.0/24`), host names, `*.domain`; never link-local or metadata addresses',
    schema: z.string().transform((text, context) => {
      const parsed = parseTargetNetworks(text)
      if (parsed.ok) return parsed.networks
      context.addIssue({ code: 'custom', message: parsed.message })
      return z.NEVER
    }),
  },
  topicPrefix: {
    name: 'UNDERSTUDY_TOPIC_PREFIX',
    fallback: 'understudy',
    what: 'first part of every topic name and of the consumer group',
    schema: z.string().regex(/^[a-zA-Z0-9._-]{1,100}$/),
  },
  partitions: {
    name: 'UNDERSTUDY_PARTITIONS',
    fallback: '6',
    what: 'partitions of a topic that we create',
    schema: count(1, 256),
  },
  pairWindowMs: {
    name: 'UNDERSTUDY_PAIR_WINDOW_MS',
    fallback: '45000',
    what: 'how long a side may come after the other',
    schema: count(100, 600_000),
  },
  tapSilenceMs: {
    name: 'UNDERSTUDY_TAP_SILENCE_MS',
    fallback: '60000',
    what: 'a tap that is silent for so long with records in its queue was killed with them',
    schema: count(1_000, 3_600_000),
  },
  maxPendingPairs: {
    name: 'UNDERSTUDY_MAX_PENDING',
    fallback: '50000',
    what: 'exchanges that may wait for a side at once; the oldest is settled early beyond',
    schema: count(100, 1_000_000),
  },
  maxPendingMib: {
    name: 'UNDERSTUDY_MAX_PENDING_MIB',
    fallback: '96',
    what: 'their captured bytes at most, in MiB',
    schema: count(8, 65_536),
  },
  retentionDays: {
    name: 'UNDERSTUDY_RETENTION_DAYS',
    fallback: '7',
    what: 'comparisons older than this are dropped',
    schema: count(1, 3650),
  },
  retentionGib: {
    name: 'UNDERSTUDY_RETENTION_GIB',
    fallback: '20',
    what: 'and the oldest ones beyond this size, in GiB',
    schema: count(1, 100_000),
  },
  logLevel: {
    name: 'UNDERSTUDY_LOG_LEVEL',
    fallback: 'info',
    what: '`debug`, `info`, `warn` or `error`',
    schema: z.enum(['debug', 'info', 'warn', 'error']),
  },
} as const satisfies Record<string, Setting>

type Settings = typeof settings
type Optional = { [K in keyof Settings]: Settings[K]['fallback'] extends '' ? K : never }[keyof Settings]
export type Config = Readonly<
  { [K in Exclude<keyof Settings, Optional>]: z.infer<Settings[K]['schema']> } & {
    [K in Optional]: z.infer<Settings[K]['schema']> | undefined
  } & { databaseUrl: string }
>

export const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/

/**
 * Parses the environment into a frozen config. `NAME_FILE` may hold the path of a file with the value instead.
 * Throws `config-invalid` that names every bad value, where it came from and what was expected.
 */
export function parseConfig(env: Record<string, string | undefined>, readFile: (path: string) => string): Config {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [key, setting] of Object.entries(settings) as [string, Setting][]) {
    const found = lookUp(setting.name, env, readFile, problems)
    const text = found ?? setting.fallback
    if (text === '') continue
    const parsed = setting.schema.safeParse(text)
    if (parsed.success) values[key] = parsed.data
    else
      problems.push(
        `${setting.name}=${setting.secret ? '…' : text}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`,
      )
  }
  const known = new Set<string>(Object.values(settings).flatMap((setting) => [setting.name, `${setting.name}_FILE`]))
  for (const name of Object.keys(env)) {
    if (
      name.startsWith('UNDERSTUDY_') &&
      !known.has(name) &&
      !otherReaders.has(name) &&
      !/_PORT$|^UNDERSTUDY_TEST_/.test(name)
    ) {
      problems.push(`${name}: no such setting${nearest(name, known)}`)
    }
  }
  if (values.databaseUrl === undefined && !problems.some((problem) => problem.startsWith('DATABASE_URL'))) {
    problems.push('DATABASE_URL is not set: expected postgres://user:password@host:port/database')
  }
  if (values.adminToken === undefined && !LOOPBACK.test(String(values.adminBind))) {
    problems.push(
      `UNDERSTUDY_ADMIN_BIND=${String(values.adminBind)} is not loopback: set UNDERSTUDY_ADMIN_TOKEN (16 characters or more) too`,
    )
  }
  if (values.ingestTokenFile === undefined && !LOOPBACK.test(String(values.ingestBind))) {
    problems.push(
      `UNDERSTUDY_INGEST_BIND=${String(values.ingestBind)} is not loopback: set UNDERSTUDY_INGEST_TOKEN_FILE too`,
    )
  }
  if (problems.length > 0)
    throw new UnderstudyError('config-invalid', `Settings: ${problems.join(' · ')}`, { retriable: false })
  return Object.freeze(values) as Config
}

/** Names that other programs of ours read: the native stack, the CLI, the tests. */
const otherReaders = new Set(['UNDERSTUDY_API', 'UNDERSTUDY_CACHE', 'UNDERSTUDY_TRAEFIK_BIN', 'UNDERSTUDY_HOME'])

function lookUp(
  name: string,
  env: Record<string, string | undefined>,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  const direct = env[name]
  if (direct !== undefined && direct !== '') return direct.trim()
  const path = env[`${name}_FILE`]
  if (path === undefined || path === '' || name.endsWith('_FILE')) return undefined
  try {
    return readFile(path).trim()
  } catch (error) {
    problems.push(`${name}_FILE=${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`)
    return undefined
  }
}

function nearest(name: string, known: Set<string>): string {
  const letters = (text: string) => new Set(text.split('_'))
  let best = ''
  let bestShared = 1
  for (const candidate of known) {
    const shared = [...letters(candidate)].filter((word) => letters(name).has(word)).length
    if (shared > bestShared) [best, bestShared] = [candidate, shared]
  }
  return best === '' ? '' : `, did you mean ${best}?`
}
