// Secrets come from files, never from arguments. The last newline is not part of one.
import { readFileSync } from 'node:fs'
import { messageOf, UnderstudyError } from '../errors.ts'

export function readSecret(path: string): Buffer {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UnderstudyError('config-invalid', `Secret file ${path} cannot be read: ${messageOf(error)}`, {
      retriable: false,
      cause: error,
    })
  }
  if (text.length < 16)
    throw new UnderstudyError('config-invalid', `Secret file ${path}: ${text.length} characters, expected 16 or more`, {
      retriable: false,
    })
  return Buffer.from(text)
}
