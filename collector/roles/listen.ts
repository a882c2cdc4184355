import type { Server } from 'node:http'
import { messageOf, UnderstudyError } from '../errors.ts'

/** Listens or throws `port-taken` that names the port. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : messageOf(error)
      reject(new UnderstudyError('port-taken', `Port ${port} on ${host} ${why}`, { retriable: false, cause: error }))
    })
    server.listen(port, host, resolve)
  })
}
