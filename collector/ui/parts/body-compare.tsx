// Both bodies in an editor that shows what differs. Its own file, loaded by the page that needs it (it is large).
import { json } from '@codemirror/lang-json'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { styleNonce } from '../theme.ts'
import { bodyDiff } from './body-diff.ts'

export type BodyCompareProps = {
  primary: string
  shadow: string
  isJson: boolean
  /** One below the other, in one column. */
  isUnified: boolean
}

const diffConfig = { override: bodyDiff }
const collapseUnchanged = { margin: 3, minSize: 8 }

export function BodyCompare({ primary, shadow, isJson, isUnified }: BodyCompareProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const parent = place.current
    if (!parent) return
    const common = extensionsFor(isJson)
    const a = { doc: primary, extensions: [...common, named("Primary's body")] }
    const b = { doc: shadow, extensions: [...common, named("Shadow's body")] }
    if (!isUnified) {
      const view = new MergeView({ a, b, parent, diffConfig, collapseUnchanged, gutter: true })
      return () => view.destroy()
    }
    const unified = unifiedMergeView({ original: primary, mergeControls: false, diffConfig, collapseUnchanged })
    const view = new EditorView({ ...b, parent, extensions: [...common, named('Both bodies'), unified] })
    return () => view.destroy()
  }, [primary, shadow, isJson, isUnified])
  return <div className="u-editor" ref={place} />
}

function extensionsFor(isJson: boolean): Extension[] {
  return [
    EditorView.cspNonce.of(styleNonce),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    lineNumbers(),
    // Control and direction characters are written out, never acted upon.
    highlightSpecialChars({ addSpecialChars: /[\u202a-\u202e\u2060-\u2069\u180e]/g }),
    ...(isJson ? [json()] : []),
    EditorView.lineWrapping,
    syntaxHighlighting(colours),
    look,
  ]
}

const named = (label: string) => EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--mantine-color-anchor)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--u-incomplete)' },
])

const look = EditorView.theme({
  '&': { fontSize: '0.8rem', backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)' },
  '.cm-gutters': { backgroundColor: 'var(--u-soft)', color: 'var(--mantine-color-dimmed)', border: '0' },
  '.cm-specialChar': { color: 'var(--u-different)' },
  '.cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--u-removed) !important' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--u-added) !important' },
  // Told by a sign as well as by their colour.
  '.cm-deletedChunk .cm-deletedLine::before, &.cm-merge-a .cm-changedLine::before': { content: '"− "' },
  '&.cm-merge-b .cm-changedLine::before': { content: '"+ "' },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"⋯"' },
  '.cm-collapsedLines': { color: 'var(--mantine-color-anchor)', background: 'var(--u-soft)' },
})
