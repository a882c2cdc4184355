// Who may come in by address: the networks that are let in at all, and those of them that need no login.
import { BlockList, isIP } from 'node:net'

export type Peers = {
  /** False for an address that may not reach the admin port at all. */
  isLetIn(address: string | undefined): boolean
  /** True for an address whose owner has every right without a token. */
  isTrusted(address: string | undefined): boolean
}

/** `networks`: addresses and CIDR ranges, checked by config.ts; empty lets everyone in. `trusted`: addresses. */
export function createPeers(options: { networks?: readonly string[]; trusted?: readonly string[] }): Peers {
  const { networks = [], trusted = [] } = options
  const letIn = listOf(networks)
  const known = listOf(trusted)
  return {
    isLetIn: (address) => networks.length === 0 || isIn(letIn, address),
    isTrusted: (address) => trusted.length > 0 && isIn(known, address),
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list
}

/** An IPv4 client of a socket that takes both kinds comes as `::ffff:10.0.0.1`. */
function isIn(list: BlockList, address = ''): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}
