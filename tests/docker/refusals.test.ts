// What a service of the stack says when it cannot start, in one line that names the cause.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PROJECT_FOLDER } from '../../collector/local-stack/docker/production-stack.ts'
import { openDocker, type TestDocker } from '../helpers/docker.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const COMPOSE = join(PROJECT_FOLDER, 'collector/compose')
let docker: TestDocker
let foreign: string

beforeAll(async () => {
  docker = await openDocker()
  // Owned by whoever runs this, and closed to the users in the containers.
  foreign = mkdtempSync(join(tmpdir(), 'understudy-foreign-'))
})

afterAll(async () => {
  await docker.removeAll()
  rmSync(foreign, { recursive: true, force: true })
})

const lines = async (...args: string[]) => {
  const { code, output } = await docker.engine.docker(['run', '--rm', ...args])
  return { code, lines: output.trim().split('\n') }
}

describe('a volume of another owner', () => {
  it.each([
    ['kafka', '/var/lib/kafka/data'],
    ['postgres', '/var/lib/postgresql'],
  ] as const)('is named by %s', async (service, path) => {
    const mounts = ['--volume', `${COMPOSE}:/etc/understudy:ro`, '--volume', `${foreign}:${path}`]
    const user = service === 'postgres' ? ['--user', 'postgres'] : []
    const image = await docker.images[service]()
    const ended = await lines(...mounts, ...user, '--entrypoint', '/bin/sh', image, `/etc/understudy/${service}.sh`)
    expect(ended.code).not.toBe(0)
    expect(ended.lines).toEqual([
      expect.stringMatching(new RegExp(`^${service}: ${path} cannot be written by uid \\d+: .*volume`)),
    ])
  })
})

describe('a full disk', () => {
  it.each([
    ['kafka', '/var/lib/kafka/data', 1000],
    ['postgres', '/var/lib/postgresql', 999],
  ] as const)('is named by %s', async (service, path, uid) => {
    const mounts = ['--volume', `${COMPOSE}:/etc/understudy:ro`, '--tmpfs', `${path}:size=8m,uid=${uid}`]
    const user = service === 'postgres' ? ['--user', 'postgres'] : []
    const image = await docker.images[service]()
    const ended = await lines(...mounts, ...user, '--entrypoint', '/bin/sh', image, `/etc/understudy/${service}.sh`)
    expect(ended.code).not.toBe(0)
    expect(ended.lines).toEqual([
      expect.stringMatching(new RegExp(`^${service}: ${path} has [0-8] MiB left, and needs 64 to start: make room`)),
    ])
  })

  it('is named by the collector for the folder of Traefik', async () => {
    const look = `import('/app/collector/roles/dynamic-folder.ts').then(async ({ dynamicFolderStatus }) =>
      console.log(JSON.stringify(await dynamicFolderStatus('/dynamic')())))`
    const mount = ['--tmpfs', '/dynamic:size=1m,mode=1777', '--entrypoint', '/usr/local/bin/node']
    const ended = await lines(...mount, await docker.images.collector(), '-e', look)
    expect(JSON.parse(ended.lines.at(-1) ?? '')).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(/^[01] MiB are left on the disk of \/dynamic/),
      mend: expect.stringMatching(/./),
    })
  })
})

describe('the collector', () => {
  it('names every setting and secret that is missing, in one line', async () => {
    const settings = [
      ...['UNDERSTUDY_ADMIN_BIND=0.0.0.0', 'UNDERSTUDY_INGEST_BIND=0.0.0.0', 'UNDERSTUDY_RETENTION_DAYS=never'],
      ...['DATABASE_URL_FILE=/run/secrets/database-url', 'UNDERSTUDY_ADMIN_TOKEN_FILE=/run/secrets/admin-token'],
    ].flatMap((setting) => ['--env', setting])
    const ended = await lines(...settings, await docker.images.collector())
    expect(ended).toEqual({ code: 2, lines: [expect.stringContaining('Settings: ')] })
    for (const name of ['/run/secrets/database-url', '/run/secrets/admin-token', 'UNDERSTUDY_RETENTION_DAYS=never'])
      expect(ended.lines[0]).toContain(name)
  })

  it('ends within 10 s when it is asked to, also while it still waits for its parts', async () => {
    const id = await docker.start(
      ...['--env', 'DATABASE_URL=postgres://nobody@127.0.0.1:1/none', '--env', 'UNDERSTUDY_ROLES=api'],
      await docker.images.collector(),
    )
    // The first process of a container hears no signal before it listens for one.
    await waitUntil(async () => (await docker.run('logs', id)).includes('tried again'), { withinMs: 60_000 })
    const askedAt = Date.now()
    await docker.run('stop', '--time', '12', id)
    const [{ State: state }] = JSON.parse(await docker.run('inspect', id))
    expect([Date.parse(state.FinishedAt) - askedAt < 12_000, state.ExitCode]).toEqual([true, 0])
  })
})
