// JSON text to a value that keeps every number exact, within the limits.
import { isSafeNumber, parse } from 'lossless-json'
import type { CompareLimits } from './comparable.ts'
import { ExactNumber } from './exact-number.ts'
import { scanJson } from './scan-json.ts'

/** Objects may have any own key, `__proto__` too: read with `Object.hasOwn`, never merge. */
export type JsonValue = null | boolean | number | string | ExactNumber | JsonValue[] | { [key: string]: JsonValue }

export type ParsedJson =
  /** `nodes`: its values, at most. */
  | { outcome: 'parsed'; value: JsonValue; notes: string[]; nodes: number }
  | { outcome: 'invalid' }
  /** Beyond a limit; `note` says which. */
  | { outcome: 'beyond'; note: string }

export function parseJson(text: string, limits: CompareLimits): ParsedJson {
  const scan = scanJson(text, limits.maxDepth, limits.maxNodes)
  if (scan.depth > limits.maxDepth) return { outcome: 'beyond', note: `nested deeper than ${limits.maxDepth}` }
  if (scan.nodes > limits.maxNodes) return { outcome: 'beyond', note: `more than ${limits.maxNodes} values` }
  const value = parsed(text, scan.hasLongNumbers)
  if (value === undefined) return { outcome: 'invalid' }
  const notes = keyCount(value) === scan.keys ? [] : [repeatedKeysNote(text)]
  return { outcome: 'parsed', value, notes, nodes: scan.nodes }
}

function parsed(text: string, exactly: boolean): JsonValue | undefined {
  try {
    if (!exactly) return JSON.parse(text) as JsonValue
    return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }) as JsonValue
  } catch {
    return undefined
  }
}

function exactNumber(text: string): number | ExactNumber {
  return isSafeNumber(text) ? Number(text) : new ExactNumber(text)
}

function keyCount(value: JsonValue): number {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const inner of value) count += keyCount(inner)
    return count
  }
  for (const key in value) count += 1 + keyCount(value[key] ?? null)
  return count
}

function repeatedKeysNote(text: string): string {
  const keys = new Set<string>()
  // The rare path: read again by the parser that tells which keys come twice (with unequal values).
  parse(text, null, {
    parseNumber: exactNumber,
    onDuplicateKey: ({ key, newValue }) => {
      if (keys.size < 5) keys.add(JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key))
      return newValue
    },
  })
  const named = keys.size === 0 ? 'a key' : [...keys].join(', ')
  return `repeats ${named} in one object: the last value counts`
}
