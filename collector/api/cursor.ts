// A page's cursor: the last row's place, readable only with the filters of the page it came from.
import { createHash } from 'node:crypto'
import { isExchangeId } from '../core/exchange-id.ts'

export type Position = { exchangeId: string; variant: string }

const VARIANT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** `filters` is any canonical text of what the list was asked for (limit left out: it may change between pages). */
export function encodeCursor(position: Position, filters: string): string {
  const place = `${position.exchangeId}.${position.variant}`
  return Buffer.from(`${checksum(place, filters)}.${place}`).toString('base64url')
}

/** The place in `cursor`; undefined when it was changed on its way or belongs to other filters. */
export function decodeCursor(cursor: string, filters: string): Position | undefined {
  if (cursor.length > 400) return undefined
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  if (Buffer.from(text, 'latin1').toString('base64url') !== cursor) return undefined
  const [check = '', exchangeId = '', ...rest] = text.split('.')
  const variant = rest.join('.')
  if (!isExchangeId(exchangeId) || !VARIANT.test(variant)) return undefined
  return check === checksum(`${exchangeId}.${variant}`, filters) ? { exchangeId, variant } : undefined
}

/** A cursor of a list that is ordered by a number of its rows. */
export function encodeNumberCursor(number: number, filters: string): string {
  return Buffer.from(`${checksum(String(number), filters)}.${number}`).toString('base64url')
}

/** The number in `cursor`; undefined when it was changed on its way or belongs to other filters. */
export function decodeNumberCursor(cursor: string, filters: string): number | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, check, digits] = /^([0-9a-f]{16})\.(\d{1,15})$/.exec(text) ?? []
  if (Buffer.from(text, 'latin1').toString('base64url') !== cursor || digits === undefined) return undefined
  return check === checksum(digits, filters) ? Number(digits) : undefined
}

function checksum(place: string, filters: string): string {
  return createHash('sha256').update(`${place}\n${filters}`).digest('hex').slice(0, 16)
}
