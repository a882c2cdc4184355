// RFC 6901 pointers of captured keys.
import { storableText } from '../storable.ts'

/** One key inside a pointer: `~` is written `~0`, `/` is written `~1`. */
export function pointerToken(key: string): string {
  return storableText(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}

export function pointerOf(keys: readonly string[]): string {
  return keys.map((key) => `/${pointerToken(key)}`).join('')
}
