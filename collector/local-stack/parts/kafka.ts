// Finds or fetches Kafka, and runs one broker (KRaft, its own controller) sized for a small machine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, fetchOnce, isFolder } from './cache.ts'
import type { Finding } from './finding.ts'
import { fetchJars } from './kafka-fetch.ts'
import { findOnPath, isExecutableFile, runTool } from './run-tool.ts'

export const KAFKA_VERSION = '4.3.1'
const OLDEST_JAVA = 17

/** `classPath` is what `java -cp` takes. */
export type KafkaPart = { java: string; classPath: string }

/** `KAFKA_BROKERS` is the caller's matter: a broker that runs already is not looked for here. */
export async function findKafka(env: Record<string, string | undefined>): Promise<Finding<KafkaPart>> {
  const instead = 'or set KAFKA_BROKERS to a Kafka 4 that runs already'
  const java = findJava(env)
  const version = java ? await javaMajor(java, env) : 0
  if (!java || version < OLDEST_JAVA) {
    const found = version > 0 ? `found Java ${version}` : 'found none'
    return missing(
      `Java ${OLDEST_JAVA} or newer is needed, ${found}: install it (Debian: apt-get install openjdk-17-jre-headless), ${instead}`,
    )
  }
  const entry = join(cacheFolder(env), `kafka-${KAFKA_VERSION}`)
  const part = { java, classPath: join(entry, '*') }
  if (await isFolder(entry)) return { state: 'ready', part, from: 'cache' }
  const maven = findOnPath('mvn', env)
  if (!maven)
    return missing(
      `Maven is needed to fetch it and was not found: install it (Debian: apt-get install maven), ${instead}`,
    )
  return {
    state: 'fetch',
    what: `Kafka ${KAFKA_VERSION} (45 MB)`,
    fetch: async (progress, signal) => {
      await fetchOnce(
        entry,
        (folder) => fetchJars({ maven, version: KAFKA_VERSION, folder, env, progress, signal }),
        signal,
      )
      return part
    },
  }
}

function missing(text: string): { state: 'missing'; line: string } {
  return { state: 'missing', line: `Kafka: ${text}` }
}

function findJava(env: Record<string, string | undefined>): string | undefined {
  const home = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : undefined
  return home && isExecutableFile(home) ? home : findOnPath('java', env)
}

/** 0 when it does not run. The release file beside it answers without starting a virtual machine. */
async function javaMajor(java: string, env: Record<string, string | undefined>): Promise<number> {
  if (env.JAVA_HOME && java.startsWith(env.JAVA_HOME)) {
    const release = readText(join(env.JAVA_HOME, 'release'))
    const told = /JAVA_VERSION="(\d+)/.exec(release)?.[1]
    if (told) return Number(told)
  }
  const { code, output } = await runTool(java, ['-version'], { env })
  return code === 0 ? Number(/version "(\d+)/.exec(output)?.[1] ?? 0) : 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
