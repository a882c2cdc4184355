// One look over JSON text before it is parsed: JSON.parse takes any nesting, what comes after it does not.
// Iterative and without memory of its own, so that no document can make it fail.
import { endOfJsonString } from '../json-string.ts'

export type JsonScan = {
  depth: number
  /** Values at most: commas, containers and one. */
  nodes: number
  /** Keys, repeated ones counted again. */
  keys: number
  /** True when a number is written so that a double may not hold it. */
  hasLongNumbers: boolean
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

// A double holds any number of 15 digits; sign and point take two more characters at most.
const SAFE_NUMBER_CHARS = 15

/** Counts what the limits are about. Stops early once `maxDepth` or `maxNodes` is passed; invalid JSON gives any answer. */
export function scanJson(text: string, maxDepth: number, maxNodes: number): JsonScan {
  const scan: JsonScan = { depth: 0, nodes: 1, keys: 0, hasLongNumbers: false }
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfJsonString(text, i)
    else if (code === COMMA) scan.nodes += 1
    else if (code === COLON) scan.keys += 1
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      scan.nodes += 1
      if (depth > scan.depth) scan.depth = depth
      if (depth > maxDepth) return scan
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
    else if (isNumberChar(code)) {
      const start = i
      let hasExponent = false
      for (i += 1; i < text.length && isNumberChar(text.charCodeAt(i)); i += 1) {
        if ((text.charCodeAt(i) | 0x20) === 0x65) hasExponent = true
      }
      if (hasExponent || i - start > SAFE_NUMBER_CHARS) scan.hasLongNumbers = true
      i -= 1
    }
    if (scan.nodes > maxNodes) return scan
  }
  return scan
}

/** Digits, `+`, `-`, `.`, and `e`, which outside of strings also ends `true` and `false`: harmless. */
function isNumberChar(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65
}
