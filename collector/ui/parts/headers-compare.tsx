// The headers of both answers, line by line; what differs carries a sign.
import { Text } from '@mantine/core'
import type { SideInFull } from '../api/types.ts'
import { visible } from './format.ts'

export function HeadersCompare({ primary, shadow }: { primary: SideInFull; shadow: SideInFull }) {
  if (!primary.headers && !shadow.headers) return <Text size="sm">No headers were kept.</Text>
  const [left, right] = [lowerCased(primary.headers), lowerCased(shadow.headers)]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="u-table-scroll" tabIndex={0} aria-label="Headers">
      <table className="u-table u-cards">
        <thead>
          <tr>
            <th scope="col">Header</th>
            <th scope="col">Primary</th>
            <th scope="col">Shadow</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const [a, b] = [left[name], right[name]]
            const sign = a === undefined ? '+' : b === undefined ? '−' : a === b ? '' : '~'
            return (
              <tr key={name}>
                <td>
                  <span className="u-sign">{sign}</span>
                  <span className="u-mono">{visible(name)}</span>
                </td>
                <td data-label="Primary" className="u-captured">
                  <div>{a === undefined ? '–' : visible(a)}</div>
                </td>
                <td data-label="Shadow" className="u-captured">
                  <div>{b === undefined ? '–' : visible(b)}</div>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function lowerCased(headers: SideInFull['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.join('\n')]),
  )
}
