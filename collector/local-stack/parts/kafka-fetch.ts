// Copies Kafka's jars from the Maven repository with Maven itself, and checks each against a pinned hash.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import type { Progress } from './finding.ts'
import { runTool } from './run-tool.ts'

const LOG4J_VERSION = '2.25.5'
const MAVEN_DEPENDENCY_PLUGIN_VERSION = '3.8.1'
const HASHES_FILE = join(import.meta.dirname, 'kafka-jars.sha256')

type JarFetch = {
  maven: string
  version: string
  folder: string
  env: Record<string, string | undefined>
  progress: Progress
  signal: AbortSignal
}

/** The broker, its console tools, and a binding for its log. The tools' own dependencies are the broker's. */
function pom(version: string): string {
  const dependency = (group: string, artifact: string, wanted: string, more = '') =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${wanted}</version>${more}</dependency>`
  const alone = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>understudy</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', version)}
    ${dependency('org.apache.kafka', 'kafka-tools', version, alone)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION)}
  </dependencies>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
    <version>${MAVEN_DEPENDENCY_PLUGIN_VERSION}</version>
  </plugin></plugins></build>
</project>
`
}

export async function fetchJars({ maven, version, folder, env, progress, signal }: JarFetch): Promise<void> {
  const work = join(folder, 'work')
  const jars = join(work, 'jars')
  await mkdir(work)
  await writeFile(join(work, 'pom.xml'), pom(version))
  const wanted = await pinnedHashes()
  let downloaded = 0
  progress(`fetching Kafka ${version} with Maven (${wanted.size} files, 45 MB) …`)
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`]
  const { code, output } = await runTool(maven, ['--batch-mode', '--file', join(work, 'pom.xml'), ...goal], {
    cwd: work,
    env,
    signal,
    onLine: (line) => {
      if (!/Downloaded from .*\.jar /.test(line)) return
      downloaded += 1
      if (downloaded % 20 === 0) progress(`${downloaded} files fetched …`)
    },
  })
  signal.throwIfAborted()
  if (code !== 0)
    throw failed(
      `Maven could not fetch it: ${/^\[ERROR\] (.*)/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1)}`,
    )
  await checkJars(jars, wanted)
  for (const name of wanted.keys()) await rename(join(jars, name), join(folder, name))
  await rm(work, { recursive: true })
}

async function checkJars(jars: string, wanted: Map<string, string>): Promise<void> {
  const found = new Set(await readdir(jars))
  const wrong = [...found].filter((name) => !wanted.has(name)).map((name) => `${name} is not on the list`)
  for (const [name, hash] of wanted) {
    if (!found.has(name)) wrong.push(`${name} is missing`)
    else if (
      createHash('sha256')
        .update(await readFile(join(jars, name)))
        .digest('hex') !== hash
    )
      wrong.push(`${name} has another SHA-256`)
  }
  if (wrong.length > 0) throw failed(`what Maven fetched is not what is pinned: ${wrong.slice(0, 3).join(', ')}`)
}

/** Lines as `sha256sum` writes them. */
async function pinnedHashes(): Promise<Map<string, string>> {
  const lines = (await readFile(HASHES_FILE, 'utf8')).trim().split('\n')
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

function failed(text: string): UnderstudyError {
  return new UnderstudyError('part-missing', `Kafka: ${text}`, { retriable: true })
}
