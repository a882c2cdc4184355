// The query and path fields that operations share. Each message is a phrase that follows "expected".
import { z } from 'zod'
import { outcomes } from './schemas.ts'

const text = (what: string, max: number) => z.string(what).min(1, what).max(max, what)

export const limit = z
  .string('a whole number from 1 to 200')
  .regex(/^\d{1,9}$/, 'a whole number from 1 to 200')
  .transform(Number)
  .pipe(z.int().min(1, 'a whole number from 1 to 200').max(200, 'a whole number from 1 to 200'))
  .default(50)
  .describe('items a page')

const timeWords = 'a time as RFC 3339 writes it, such as 2026-07-01T12:00:00Z'
const time = z.iso.datetime({ offset: true, error: timeWords }).optional()
export const from = time.describe('not before this time')
export const to = time.describe('before this time')

export const route = text("a route's name, 1 to 200 characters", 200)
export const variant = z
  .string("a shadow's name")
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a shadow's name, such as shadow or shadow-next, or control")
export const outcome = z.enum(outcomes, `one of ${outcomes.join(', ')}`)
export const include = z.enum(['noise'], 'noise').optional().describe('what is left out otherwise')
export const endpoint = text('a method and templated path, such as GET /tickets/{id}', 2000)
export const cursor = text('the nextCursor of a page', 400).describe(
  'nextCursor of the page before, with the same filters',
)

// Spelled out rather than by a flag, which a JSON Schema pattern cannot have.
const uuidV7 = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}'

const exchangeWords = 'an exchange id (a UUIDv7, the X-Understudy-Id of an answer)'
export const exchangeId = z.string(exchangeWords).regex(new RegExp(`^${uuidV7}$`), exchangeWords)

const comparisonWords = '<exchangeId>:<variant>, or an exchange id (a UUIDv7)'
export const comparisonId = z
  .string(comparisonWords)
  .regex(new RegExp(`^${uuidV7}(:[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$`), comparisonWords)
