// The ground under every test in this folder: an engine that answers, and containers made of our own images.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDocker, type TestDocker } from '../helpers/docker.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let docker: TestDocker

beforeAll(async () => {
  docker = await openDocker()
})

afterAll(() => docker.removeAll())

describe('the engine', () => {
  it('runs a container of ours that answers over a published port', async () => {
    const image = await docker.images.tinyServer()
    const id = await docker.start('--publish', '127.0.0.1::8080', '--env', 'NAME=first', image)
    const address = await docker.run('port', id, '8080')
    let served: unknown
    await waitUntil(
      async () => {
        served = await (await fetch(`http://${address}/hello?a=1`)).json()
        return true
      },
      { what: 'the container to answer' },
    )
    expect(served).toMatchObject({ name: 'first', method: 'GET', uri: '/hello?a=1' })
  })

  it('has a Compose that reads the production file', async () => {
    const { code, output } = await docker.composeCommand(['version', '--short'])
    expect({ code, version: /^v?2\.\d+|^v?[3-9]\./.test(output) }).toEqual({ code: 0, version: true })
  })
})
