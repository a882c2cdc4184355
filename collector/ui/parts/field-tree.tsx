// Fields by endpoint, as a tree of their pointers; the shadow's and the control's rates stand side by side.
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Field } from '../api/types.ts'
import { pathText } from './comparison-table.tsx'
import { percent, plural, visible } from './format.ts'
import { KindSign } from './outcome.tsx'

const openAtFirst = 5

export function FieldTree({ fields }: { fields: Field[] }) {
  const endpoints = groupBy(fields, ({ endpoint }) => endpoint)
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
            {rows.map((row) => (
              <tr key={`${row.kind} ${row.path}`} className={row.noise ? 'u-noise' : undefined}>
                <td>
                  <KindSign kind={row.kind} /> <span className="u-mono u-wrap">{pathText(row.path)}</span>
                  {row.noise && (
                    <Text span size="sm">
                      {' '}
                      · noise
                    </Text>
                  )}
                </td>
                <td data-label="Shadow differs">
                  <Rate rate={row.shadowRate} pairs={row.shadowPairs} />
                </td>
                <td data-label="Control differs">
                  {row.controlRate === null ? (
                    'no control'
                  ) : (
                    <Rate rate={row.controlRate} pairs={row.controlPairs} isControl />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  )
}

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

function groupBy<T>(rows: T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(row)
    else groups.set(key(row), [row])
  }
  return groups
}
