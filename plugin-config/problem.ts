// What is wrong with something a user wrote: where, what, and the nearest right name.
import type { z } from 'zod'
import { nearestName } from './nearest-name.ts'

/** `pointer` is an RFC 6901 pointer into the value ('' is the whole). */
export type Problem = { pointer: string; message: string; didYouMean?: string }

/** The right names at a path, and other words that people write for them (`percent` → `share`). */
export type KnownKeys = { names: readonly string[]; otherWords?: Readonly<Record<string, string>> }

/** Turns what zod found into problems; `knownKeysAt` tells the right names for an unknown key at a path. */
export function problemsOf(error: z.ZodError, knownKeysAt: (path: readonly PropertyKey[]) => KnownKeys): Problem[] {
  // Unknown keys first: a mistyped key is why another one is missing.
  const isUnknownKey = (issue: z.core.$ZodIssue) => Number(issue.code === 'unrecognized_keys')
  const issues = error.issues.toSorted((a, b) => isUnknownKey(b) - isUnknownKey(a))
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey([...issue.path, key], key, knownKeysAt(issue.path)))
    }
    const got = issue.input === undefined || issue.code === 'custom' ? '' : `, got ${shown(issue.input)}`
    return [{ pointer: pointerOf(issue.path), message: `${issue.message}${got}` }]
  })
}

export function unknownKey(path: readonly PropertyKey[], key: string, known: KnownKeys): Problem {
  const words = known.otherWords ?? {}
  const found = nearestName(key, [...known.names, ...Object.keys(words)])
  const near = found === undefined ? undefined : (words[found] ?? found)
  const mend = near === undefined ? `known are ${known.names.join(', ')}` : `did you mean ${near}?`
  const problem = { pointer: pointerOf(path), message: `unknown key ${shown(key)}: ${mend}` }
  return near === undefined ? problem : { ...problem, didYouMean: near }
}

export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** A value as a message may show it: one line, at most 60 characters, a URL without its password. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? String(value)
  const clean = text.replace(/\p{C}/gu, '?').replace(/\/\/[^/@\s]*@/g, '//…@')
  return clean.length > 60 ? `${clean.slice(0, 57)}…` : clean
}
