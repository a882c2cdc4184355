// Lays JSON out over lines without reading its values: numbers keep their digits, keys their order, escapes their form.
// What is not well-formed is left as it came. Pure.

const indent = '  '

/** `text` over lines; undefined where it is no JSON object or array. */
export function layOutJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  const out: string[] = []
  const open: string[] = []
  const newLine = () => `\n${indent.repeat(open.length)}`
  // Strings, marks, and everything between them; white space falls away.
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+|\s+|"/gs
  for (const [piece] of text.matchAll(token)) {
    if (piece === '"') return undefined
    if (piece === '{' || piece === '[') {
      out.push(piece)
      open.push(piece === '{' ? '}' : ']')
      if (open.length > 1000) return undefined
      out.push(newLine())
    } else if (piece === '}' || piece === ']') {
      if (open.pop() !== piece) return undefined
      const before = out.at(-2)
      // An empty object or array stays on its line, as one piece.
      if (before === '{' || before === '[') out.splice(-2, 2, `${before}${piece}`)
      else out.push(newLine(), piece)
    } else if (piece === ',') out.push(',', newLine())
    else if (piece === ':') out.push(': ')
    else if (piece.trim() !== '') out.push(piece)
  }
  return open.length === 0 ? out.join('') : undefined
}
