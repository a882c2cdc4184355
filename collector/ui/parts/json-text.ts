// Lays JSON out over lines without reading its values: numbers keep their digits, keys their order, escapes their form.
// What is not well-formed is left as it came. Pure, and one pass: a body may have a megabyte.

const indent = '  '
const deepest = 1_000
const closers: Record<string, string> = { '{': '}', '[': ']' }
const space = /\s*/y
const word = /[^\s[\]{}:,"]+/y

/** `text` over lines; undefined where it is no JSON object or array. */
export function layOutJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  let out = ''
  const open: string[] = []
  const newLine = () => `\n${indent.repeat(open.length)}`
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at)
    const closer = closers[character]
    let end = at + 1
    if (character === '"') {
      end = endOfString(text, at)
      if (end < 0) return undefined
      out += text.slice(at, end)
    } else if (closer !== undefined) {
      const next = endOf(space, text, end)
      if (text.charAt(next) === closer) {
        // An empty object or array stays on its line.
        out += character + closer
        end = next + 1
      } else {
        open.push(closer)
        if (open.length > deepest) return undefined
        out += character + newLine()
      }
    } else if (character === '}' || character === ']') {
      if (open.pop() !== character) return undefined
      out += newLine() + character
    } else if (character === ',') out += `,${newLine()}`
    else if (character === ':') out += ': '
    else {
      end = endOf(word, text, at)
      if (end === at) end = endOf(space, text, at)
      else out += text.slice(at, end)
    }
    at = end
  }
  return open.length === 0 ? out : undefined
}

/** Where what matches from `at` on ends. */
function endOf(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return sticky.test(text) ? sticky.lastIndex : at
}

/** Behind the closing quote of the string that begins at `from`; -1 where there is none. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    at = text.indexOf('"', at)
    if (at < 0) return -1
    let slashes = 0
    while (text.charAt(at - 1 - slashes) === '\\') slashes += 1
    if (slashes % 2 === 0) return at + 1
  }
}
