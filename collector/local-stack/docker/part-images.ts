// Images of the real parts, made here to stand in for the official ones: the same programs at the same places, the
// same users, and none of their entrypoints. docker-compose.yaml runs on both; only the names differ.
import { realpathSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import type { Finding, Progress } from '../parts/finding.ts'
import { findKafka, KAFKA_VERSION } from '../parts/kafka.ts'
import { findOnPath } from '../parts/run-tool.ts'
import { findTraefik, TRAEFIK_VERSION } from '../parts/traefik.ts'
import { ensureBaseImage } from './base-image.ts'
import type { Engine } from './engine.ts'
import { buildImage, ensureImage, type ImageSource } from './image-builder.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Makes images when they are first asked for; asking again costs an inspect. */
export type PartImages = {
  traefik: () => Promise<string>
  kafka: () => Promise<string>
  postgres: () => Promise<string>
  prometheus: () => Promise<string>
  dockerProxy: () => Promise<string>
  /** Node 24 with npm: what the collector is built with. */
  node: () => Promise<string>
  /** The collector, from its own Dockerfile and this working copy. */
  collector: () => Promise<string>
  /** The demo's services, from the same file. */
  demo: () => Promise<string>
}

export function createPartImages(engine: Engine, progress: Progress, signal: AbortSignal): PartImages {
  const { env } = engine
  const made = new Map<string, Promise<string>>()
  const once = (name: string, make: () => Promise<string>) => () => {
    const found = made.get(name) ?? make()
    made.set(name, found)
    return found
  }
  const obtain = async <Part>(finding: Finding<Part> | Promise<Finding<Part>>): Promise<Part> => {
    const found = await finding
    if (found.state === 'missing') throw new UnderstudyError('part-missing', found.line, { retriable: false })
    return found.state === 'ready' ? found.part : found.fetch(progress, signal)
  }
  const base = once('base', () => ensureBaseImage(engine, progress, signal))
  const onBase = (name: string, version: string, lines: string[], files?: ImageSource['files']) =>
    once(name, async () => {
      const dockerfile = [`FROM ${await base()}`, ...lines, ''].join('\n')
      progress(`image of ${name} …`)
      return ensureImage(
        engine,
        { name: `understudy-parts/${name}`, version, dockerfile, ...(files && { files }) },
        signal,
      )
    })

  const traefik = once('traefik', async () => {
    const { command } = await obtain(findTraefik(env))
    const files = () => ({ traefik: realpathSync(command), 'ca-certificates.crt': CERTIFICATES })
    const dockerfile = [
      'FROM scratch',
      'COPY traefik /usr/local/bin/traefik',
      `COPY ca-certificates.crt ${CERTIFICATES}`,
      'ENTRYPOINT ["/usr/local/bin/traefik"]',
      '',
    ].join('\n')
    progress('image of traefik …')
    return ensureImage(
      engine,
      { name: 'understudy-parts/traefik', version: TRAEFIK_VERSION, dockerfile, files },
      signal,
    )
  })

  const kafka = once('kafka with its jars', async () => {
    const { classPath } = await obtain(findKafka(env))
    const folder = dirname(classPath)
    const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar'))
    return onBase(
      'kafka',
      KAFKA_VERSION,
      [
        'RUN useradd --uid 1000 --create-home appuser && mkdir -p /var/lib/kafka/data && chown appuser /var/lib/kafka/data',
        'COPY libs /opt/kafka/libs',
        'USER appuser',
      ],
      () => Object.fromEntries(jars.map((name) => [`libs/${name}`, join(folder, name)])),
    )()
  })

  const node = once('node with npm', async () => {
    const npm = findOnPath('npm', env)
    if (!npm) throw new UnderstudyError('part-missing', 'npm was not found on PATH', { retriable: false })
    return onBase(
      'node',
      process.versions.node,
      [
        'COPY node /usr/local/bin/node',
        'COPY npm /usr/local/lib/node_modules/npm',
        `COPY ca-certificates.crt ${CERTIFICATES}`,
        'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
        `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`,
      ],
      () => ({
        node: realpathSync(process.execPath),
        npm: resolve(realpathSync(npm), '../..'),
        'ca-certificates.crt': CERTIFICATES,
      }),
    )()
  })

  const ownImage = (target: 'collector' | 'demo') =>
    once(target, async () => {
      const args = ['--build-arg', `NODE_IMAGE=${await node()}`, '--file', join(ROOT, 'collector/Dockerfile')]
      progress(`image of the ${target} …`)
      const image = `understudy-parts/${target}:here`
      await buildImage(engine, [...args, '--target', target, '--tag', image, ROOT], signal)
      return image
    })

  return {
    traefik,
    kafka,
    node,
    postgres: onBase('postgres', '15', [
      // The official image's user id, so that a volume is owned as it is there.
      'RUN usermod --uid 999 postgres && rm -rf /var/lib/postgresql/* && chown -R postgres /var/lib/postgresql /run/postgresql',
      'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ]),
    prometheus: onBase('prometheus', '2.42', ['RUN mkdir -p /prometheus && chown nobody /prometheus', 'USER nobody']),
    dockerProxy: onBase('haproxy', '2.6', []),
    collector: ownImage('collector'),
    demo: ownImage('demo'),
  }
}
