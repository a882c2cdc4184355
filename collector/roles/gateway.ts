// In a container, whoever comes through a port published on this machine has the address of the network's gateway.
import { readFileSync } from 'node:fs'

/** The gateway of every default route; none outside Linux, or where nothing leads out. */
export function gatewayAddresses(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): string[] {
  let table: string
  try {
    table = read('/proc/net/route')
  } catch {
    return []
  }
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, destination, gateway]) => destination === '00000000' && gateway !== undefined && gateway !== '00000000')
    .map(([, , gateway = '']) => [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.'))
}
