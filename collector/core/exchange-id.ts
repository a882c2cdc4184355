// The exchange id is a UUIDv7 (RFC 9562): its first 48 bits are the Unix time in milliseconds.

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export function isExchangeId(value: string): boolean {
  return UUID_V7.test(value)
}

/** Unix time in milliseconds inside an exchange id; call `isExchangeId` first. */
export function exchangeTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/**
 * A number from 0 to 2³²−1, even over ids and the same for the same id: for sampling and for partitions. The whole id
 * counts, because a tap keeps the random end of its ids for a while and tells them apart by time and a counter.
 * FNV-1a with the finisher of MurmurHash3.
 */
export function spreadOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
