// HTML and XML text to a tree of what they say: elements, attributes, texts. Comments, the order of attributes and white
// space that a browser would not show are left out.
import { Parser } from 'htmlparser2'
import type { CompareLimits } from './comparable.ts'

export type MarkupText = { text: string; number: number }
export type MarkupElement = {
  name: string
  attributes: Map<string, string>
  children: MarkupNode[]
  /** Equal for nodes that say the same, of one document or of two read with the same numbers. */
  number: number
}
export type MarkupNode = MarkupText | MarkupElement

/** Shared by the documents that are compared. */
export type MarkupNumbers = Map<string, number>

export type ReadMarkup = { outcome: 'read'; root: MarkupElement } | { outcome: 'beyond'; note: string }

/** Characters handed to the parser at once: it cannot be stopped within them. */
const CHUNK_CHARS = 4_096

/** Elements whose white space is shown or means something. */
const EXACT = new Set(['pre', 'textarea', 'script', 'style'])

type Open = MarkupElement & { pending: string; isExact: boolean }

export function readMarkup(
  text: string,
  kind: 'html' | 'xml',
  limits: CompareLimits,
  numbers: MarkupNumbers,
): ReadMarkup {
  const isHtml = kind === 'html'
  const root = opened('', false)
  const stack: Open[] = [root]
  let nodes = 0
  let beyond = ''
  const current = () => stack.at(-1) ?? root
  const flush = (open: Open) => {
    const { pending } = open
    open.pending = ''
    const said = open.isExact ? pending.replaceAll(LINE_BREAK, '\n') : shownSpace(pending)
    if (said.trim() === '') return
    nodes += 1
    open.children.push({ text: said, number: numberOf(numbers, `"${said}`) })
  }
  const close = (open: Open) => {
    flush(open)
    const attributes = [...open.attributes].sort(([one], [two]) => (one < two ? -1 : 1))
    const children = open.children.map(({ number }) => number)
    open.number = numberOf(numbers, JSON.stringify([open.name, attributes, children]))
  }
  const parser = new Parser(
    {
      onopentagname(name) {
        if (beyond !== '') return
        nodes += 1
        // A line break is part of the text that it breaks.
        if (isHtml && name === 'br') current().pending += LINE_BREAK
        else flush(current())
        stack.push(opened(name, current().isExact || (isHtml && EXACT.has(name))))
        if (stack.length > limits.maxDepth) beyond = `nested deeper than ${limits.maxDepth}`
        else if (nodes > limits.maxNodes) beyond = `more than ${limits.maxNodes} nodes`
      },
      onattribute(name, value) {
        const { attributes } = current()
        // The first of several of one name counts, as in a browser.
        if (beyond === '' && !attributes.has(name)) attributes.set(name, value)
      },
      ontext(data) {
        if (beyond === '') current().pending += data.replaceAll(LINE_BREAK, '\ufffd')
      },
      onclosetag() {
        const open = stack.length > 1 ? stack.pop() : undefined
        if (open === undefined || (isHtml && open.name === 'br')) return
        close(open)
        const { name, attributes, children, number } = open
        current().children.push({ name, attributes, children, number })
      },
    },
    { xmlMode: !isHtml },
  )
  for (let at = 0; at < text.length && beyond === ''; at += CHUNK_CHARS) parser.write(text.slice(at, at + CHUNK_CHARS))
  if (beyond !== '') return { outcome: 'beyond', note: beyond }
  parser.end()
  close(root)
  return { outcome: 'read', root }
}

/** Stands for `<br>` until white space is told apart from it; in texts it becomes U+FFFD, as in a browser. */
const LINE_BREAK = '\u0000'

function opened(name: string, isExact: boolean): Open {
  return { name, attributes: new Map(), children: [], number: 0, pending: '', isExact }
}

function shownSpace(text: string): string {
  return text
    .replace(/[ \t\r\n\f]+/g, ' ')
    .replace(/ ?\0 ?/g, '\n')
    .replace(/^ | $/g, '')
}

function numberOf(numbers: MarkupNumbers, key: string): number {
  const found = numbers.get(key)
  if (found !== undefined) return found
  numbers.set(key, numbers.size)
  return numbers.size - 1
}
