// Plain data as YAML that a person can read: the part of YAML that the rendered file needs, twenty times as fast as a
// library that can do all of it. Whatever a reader could take for something else is quoted. Pure.

/** A map of names to JSON's values, in block style; `indent` goes before every line. Fields that are undefined are left out. */
export function yamlText(value: Readonly<Record<string, unknown>>, indent = ''): string {
  let text = ''
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) text += `${indent}${scalar(key)}:${below(inner, indent)}`
  }
  return text
}

/** What stands behind `key:`, with the end of its line. */
function below(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n'
    return `\n${value.map((each) => item(each, `${indent}  `)).join('')}`
  }
  if (isMap(value)) {
    const text = yamlText(value, `${indent}  `)
    return text === '' ? ' {}\n' : `\n${text}`
  }
  return ` ${scalar(value)}\n`
}

/** An entry of a list: a map begins on the line of its dash. */
function item(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `${indent}-${below(value, indent)}`
  if (!isMap(value)) return `${indent}- ${scalar(value)}\n`
  const text = yamlText(value, `${indent}  `)
  return text === '' ? `${indent}- {}\n` : `${indent}- ${text.slice(indent.length + 2)}`
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Begins like a word, a path or a rule, and holds nothing that ends a plain scalar. */
const PLAIN = /^[A-Za-z/(](?:[\w ./()|&`!?+*^$\\@=,;<>~%'-]|:(?=[^ ]))*$/
/** `5s`, `16ms`, `9f3a…`: digits that go on with letters, but for 0x10, 1e5 and the like. */
const PLAIN_DIGITS = /^(?!0[xob])(?!\d+e\d+$)\d+[a-z][\da-z]*$/i
/** What some reader takes for a truth value or nothing, and text that ends in a blank. */
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$|\s$/i

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const isPlain = (PLAIN.test(value) || PLAIN_DIGITS.test(value)) && !NOT_TEXT.test(value)
  return isPlain ? value : quoted(value)
}

/** JSON's escapes are YAML's; what JSON leaves as it is and YAML takes for the end of a line, or for nothing, is escaped too. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
