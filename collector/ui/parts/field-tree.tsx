// Fields by endpoint, as a tree of their pointers; the shadow's and the control's rates stand side by side.
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Field } from '../api/types.ts'
import { pathText } from './comparison-table.tsx'
import { fieldRows } from './field-rows.ts'
import { percent, plural, visible } from './format.ts'
import { KindSign } from './outcome.tsx'

const openAtFirst = 5

export function FieldTree({ fields }: { fields: Field[] }) {
  const endpoints = Map.groupBy(fields, ({ endpoint }) => endpoint)
  return (
    <Stack gap="xs">
      {[...endpoints].map(([endpoint, rows], at) => (
        <Endpoint key={endpoint} endpoint={endpoint} rows={rows} isOpenAtFirst={at < openAtFirst} />
      ))}
    </Stack>
  )
}

/** Drawn when it is opened: a route may have a thousand fields. */
function Endpoint({ endpoint, rows, isOpenAtFirst }: { endpoint: string; rows: Field[]; isOpenAtFirst: boolean }) {
  const [isOpen, setOpen] = useState(isOpenAtFirst)
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="u-wrap">
        <span className="u-mono">{visible(endpoint)}</span> ({plural(rows.length, 'field')})
      </summary>
      {isOpen && (
        <table className="u-table u-cards u-fields">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Shadow differs</th>
              <th scope="col">Control differs</th>
            </tr>
          </thead>
          <tbody>
            {fieldRows(rows).map(({ key, depth, label, field }) =>
              field ? (
                <FieldRates key={key} depth={depth} label={label} field={field} />
              ) : (
                <tr key={key}>
                  <td colSpan={3} style={indent(depth)}>
                    <span className="u-mono u-wrap">{pathText(label)}</span>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
    </details>
  )
}

function FieldRates({ depth, label, field }: { depth: number; label: string; field: Field }) {
  const { kind, noise, shadowRate, shadowPairs, controlRate, controlPairs } = field
  return (
    <tr className={noise ? 'u-noise' : undefined}>
      <td style={indent(depth)}>
        <KindSign kind={kind} /> <span className="u-mono u-wrap">{pathText(label)}</span>
        {noise && (
          <Text span size="sm">
            {' '}
            · noise
          </Text>
        )}
      </td>
      <td data-label="Shadow differs">
        <Rate rate={shadowRate} pairs={shadowPairs} />
      </td>
      <td data-label="Control differs">
        {controlRate === null ? 'no control' : <Rate rate={controlRate} pairs={controlPairs} isControl />}
      </td>
    </tr>
  )
}

const indent = (depth: number) => ({ paddingInlineStart: `${10 + Math.min(depth, 8) * 18}px` })

function Rate({ rate, pairs, isControl }: { rate: number; pairs: number; isControl?: boolean }) {
  return (
    <div className="u-rate">
      <Text size="sm">
        {percent(rate)}{' '}
        <Text span size="xs" c="dimmed">
          of {plural(pairs, 'pair')}
        </Text>
      </Text>
      <div className="u-bar">
        {rate > 0 && <div className={isControl ? 'u-bar-noise' : ''} style={{ width: `${rate * 100}%` }} />}
      </div>
    </div>
  )
}
