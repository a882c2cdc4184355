// The exchange id is a UUIDv7 (RFC 9562): its first 48 bits are the Unix time in milliseconds.

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export function isExchangeId(value: string): boolean {
  return UUID_V7.test(value)
}

/** Unix time in milliseconds inside an exchange id; call `isExchangeId` first. */
export function exchangeTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
