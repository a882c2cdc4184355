// Two HTML or XML documents to differences by structure: `/html/body/ul/0/li/2/text/0`, `…/a/0/@href`.
import type { Difference } from '../comparison.ts'
import { gapsBetween } from './align.ts'
import type { CompareLimits } from './comparable.ts'
import { pointerToken } from './pointer.ts'
import { type MarkupElement, type MarkupNode, type MarkupNumbers, readMarkup } from './read-markup.ts'
import { shownText, shownTexts } from './shown-value.ts'

export type ComparedMarkup = { outcome: 'compared'; differences: Difference[] } | { outcome: 'beyond'; note: string }

/**
 * An element's path is its name and its position among its siblings of that name, from 0, on the primary's side where
 * it has one; `html`, `head`, `body` and the root of XML go without position. Texts are `text/<position>`.
 */
export function compareMarkup(
  before: string,
  after: string,
  kind: 'html' | 'xml',
  limits: CompareLimits,
): ComparedMarkup {
  const numbers: MarkupNumbers = new Map()
  const one = readMarkup(before, kind, limits, numbers)
  if (one.outcome === 'beyond') return one
  const two = readMarkup(after, kind, limits, numbers)
  if (two.outcome === 'beyond') return two
  const differences: Difference[] = []
  compareElements(one.root, two.root, '', { kind, differences, limits })
  return { outcome: 'compared', differences }
}

type Walk = { kind: 'html' | 'xml'; differences: Difference[]; limits: CompareLimits }

function compareElements(one: MarkupElement, two: MarkupElement, path: string, walk: Walk): void {
  if (one.number === two.number || isFull(walk)) return
  compareAttributes(one, two, path, walk)
  const before = placed(one, path, walk)
  const after = placed(two, path, walk)
  const numbers = (nodes: Placed[]) => nodes.map(({ node }) => node.number)
  for (const gap of gapsBetween(numbers(before), numbers(after), walk.limits.maxLineCells)) {
    compareGap(before.slice(gap.before, gap.beforeEnd), after.slice(gap.after, gap.afterEnd), walk)
    if (isFull(walk)) return
  }
}

function compareAttributes(one: MarkupElement, two: MarkupElement, path: string, { differences, limits }: Walk): void {
  for (const name of new Set([...one.attributes.keys(), ...two.attributes.keys()])) {
    const before = one.attributes.get(name)
    const after = two.attributes.get(name)
    const at = `${path}/@${pointerToken(name)}`
    if (before === after || differences.length > limits.maxDifferences) continue
    if (before === undefined) differences.push({ path: at, kind: 'added', shadow: shownText(after ?? '', limits) })
    else if (after === undefined) differences.push({ path: at, kind: 'removed', primary: shownText(before, limits) })
    else differences.push({ path: at, kind: 'changed', ...shownTexts(before, after, limits) })
  }
}

type Placed = { node: MarkupNode; path: string }

const ONCE = new Set(['html', 'head', 'body'])

function placed(parent: MarkupElement, path: string, { kind }: Walk): Placed[] {
  const seen = new Map<string, number>()
  return parent.children.map((node) => {
    const name = nameOf(node)
    const position = seen.get(name) ?? 0
    seen.set(name, position + 1)
    const isOnce = position === 0 && 'name' in node && (kind === 'html' ? ONCE.has(name) : path === '')
    return { node, path: `${path}/${pointerToken(name)}${isOnce ? '' : `/${position}`}` }
  })
}

/** How far ahead an element of the same name is looked for. */
const LOOK_AHEAD = 50

/** Nodes of one name stand for each other, in order; what is left was removed or added. */
function compareGap(before: Placed[], after: Placed[], walk: Walk): void {
  let j = 0
  for (const { node, path } of before) {
    let found = j
    const end = Math.min(after.length, j + LOOK_AHEAD)
    while (found < end && nameOf(after[found]?.node) !== nameOf(node)) found += 1
    const other = found < end ? after[found] : undefined
    if (other === undefined) {
      add(walk, { path, kind: 'removed', primary: shownNode(node, walk.limits) })
      continue
    }
    for (; j < found; j += 1) addAdded(after[j], walk)
    j += 1
    comparePair(node, other.node, path, walk)
    if (isFull(walk)) return
  }
  for (; j < after.length; j += 1) addAdded(after[j], walk)
}

function comparePair(one: MarkupNode, two: MarkupNode, path: string, walk: Walk): void {
  if ('name' in one && 'name' in two) compareElements(one, two, path, walk)
  else if ('text' in one && 'text' in two && one.text !== two.text) {
    add(walk, { path, kind: 'changed', ...shownTexts(one.text, two.text, walk.limits) })
  }
}

function addAdded(added: Placed | undefined, walk: Walk): void {
  if (added !== undefined) add(walk, { path: added.path, kind: 'added', shadow: shownNode(added.node, walk.limits) })
}

function add(walk: Walk, difference: Difference): void {
  if (!isFull(walk)) walk.differences.push(difference)
}

function isFull({ differences, limits }: Walk): boolean {
  return differences.length > limits.maxDifferences
}

/** `text` for texts: as an element it would be in SVG, where a text beside it is told by its position alone. */
function nameOf(node: MarkupNode | undefined): string {
  return node === undefined ? '' : 'name' in node ? node.name : 'text'
}

function shownNode(node: MarkupNode, limits: CompareLimits): string {
  const parts: string[] = []
  let room = limits.maxShownChars
  const write = (part: string) => {
    parts.push(part)
    room -= part.length
  }
  const show = (one: MarkupNode) => {
    if (room <= 0) return
    if (!('name' in one)) return write(one.text)
    write(`<${one.name}`)
    for (const [name, value] of one.attributes) if (room > 0) write(` ${name}="${value}"`)
    write('>')
    for (const child of one.children) show(child)
    write(`</${one.name}>`)
  }
  show(node)
  return shownText(parts.join(''), limits)
}
