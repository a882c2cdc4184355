import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runStart, type StackFolder, type StartedStack, stackFolder } from '../helpers/npm-start.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let folder: StackFolder
let stack: StartedStack
const servers: Server[] = []

async function serve(total: number): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ total, name: 'invoice' }))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  folder = await stackFolder()
})
afterAll(async () => {
  await stack?.end()
  for (const server of servers) server.close()
  await folder.remove()
})

describe('npm start with two servers of the user', () => {
  it('compares them and shows what differs', async () => {
    stack = runStart(folder, ['--primary', await serve(100), '--shadow', await serve(99)])
    await stack.says('Waiting for requests to')
    const { proxy } = await stack.file()
    expect(await (await fetch(`${proxy}/invoices/7`)).json()).toEqual({ total: 100, name: 'invoice' })
    // Asked again while nothing is shown: on a machine that has little to give, Traefik may take the route a while later.
    await waitUntil(
      async () => {
        await (await fetch(`${proxy}/invoices/7`)).text()
        return stack.output().includes('~ /total  changed  100 → 99')
      },
      { everyMs: 1_000, what: 'the difference to be shown' },
    )
    expect(await stack.end('SIGTERM')).toBe(0)
  })
})
