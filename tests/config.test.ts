import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../collector/config.ts'
import { UnderstudyError } from '../collector/errors.ts'

const good = { DATABASE_URL: 'postgres://u:p@localhost:5432/d' }
const noFile = (path: string): string => {
  throw new Error(`no ${path}`)
}
const problem = (env: Record<string, string>) => {
  try {
    parseConfig({ ...good, ...env }, noFile)
  } catch (error) {
    return error instanceof UnderstudyError ? error.message : String(error)
  }
  return undefined
}

describe('settings', () => {
  it('fill in every default', () => {
    const config = parseConfig(good, noFile)
    expect(config).toMatchObject({
      httpPort: 8081,
      ingestPort: 8082,
      kafkaBrokers: ['127.0.0.1:9092'],
      pairWindowMs: 45_000,
    })
    expect(config.roles).toEqual(['ingest', 'compare', 'api', 'control'])
    expect(Object.isFrozen(config)).toBe(true)
  })

  it.each([
    [{ UNDERSTUDY_HTTP_PORT: '0' }, 'UNDERSTUDY_HTTP_PORT=0'],
    [{ UNDERSTUDY_HTTP_PORT: '99999' }, 'UNDERSTUDY_HTTP_PORT=99999'],
    [{ UNDERSTUDY_HTTP_PORT: 'abc' }, 'UNDERSTUDY_HTTP_PORT=abc'],
    [{ DATABASE_URL: 'localhost' }, 'DATABASE_URL=…'],
    [{ KAFKA_BROKERS: 'kafka' }, 'expected host:port'],
    [{ UNDERSTUDY_ROLES: 'ingest,cook' }, 'UNDERSTUDY_ROLES=ingest,cook'],
    [{ UNDERSTUDY_TRAEFIK_API: 'traefik:8080' }, 'UNDERSTUDY_TRAEFIK_API'],
    [{ UNDERSTUDY_PAIR_WINDOW: '1' }, 'did you mean UNDERSTUDY_PAIR_WINDOW_MS?'],
    [{ UNDERSTUDY_ADMIN_BIND: '0.0.0.0' }, 'set UNDERSTUDY_ADMIN_TOKEN'],
    [{ UNDERSTUDY_INGEST_BIND: '0.0.0.0' }, 'set UNDERSTUDY_INGEST_TOKEN_FILE'],
    [{ UNDERSTUDY_ADMIN_TOKEN_FILE: '/nowhere' }, 'UNDERSTUDY_ADMIN_TOKEN_FILE=/nowhere'],
  ])('refuse %j', (env, message) => {
    expect(problem(env as unknown as Record<string, string>)).toContain(message)
  })

  it('tell all problems at once and no secret', () => {
    const told = problem({ UNDERSTUDY_HTTP_PORT: 'x', UNDERSTUDY_INGEST_PORT: 'y', UNDERSTUDY_ADMIN_TOKEN: 'short' })
    expect(told).toMatch(/HTTP_PORT.*INGEST_PORT|INGEST_PORT.*HTTP_PORT/)
    expect(told).toContain('UNDERSTUDY_ADMIN_TOKEN=…')
    expect(told).not.toContain('short')
  })

  it('read a secret from a file, without its newline', () => {
    const config = parseConfig(
      { ...good, UNDERSTUDY_ADMIN_TOKEN_FILE: '/run/secrets/admin' },
      () => 'sixteen-characters\n',
    )
    expect(config.adminToken).toBe('sixteen-characters')
  })
})
