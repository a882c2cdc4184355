// A table with sorting by its heads; on a narrow screen its rows become cards that name each column.
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import type { ReactNode } from 'react'

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns })

export type Column<T> = {
  id: string
  label: string
  cell: (row: T) => ReactNode
  /** Given: the head sorts by it. */
  sortBy?: (row: T) => number | string
  isNumber?: boolean
}

export function DataTable<T extends object>(props: {
  caption: string
  rows: readonly T[]
  columns: Column<T>[]
  rowKey: (row: T) => string
  /** Other column, other way; by default as given. */
  sortedBy?: { id: string; desc: boolean }
}) {
  const { caption, columns, rows, rowKey, sortedBy } = props
  const table = useTable({
    features,
    data: rows as T[],
    columns: columns.map(
      (column): ColumnDef<typeof features, T> => ({
        id: column.id,
        accessorFn: (row) => column.sortBy?.(row),
        enableSorting: column.sortBy !== undefined,
        sortDescFirst: column.isNumber ?? false,
      }),
    ),
    getRowId: rowKey,
    ...(sortedBy && { initialState: { sorting: [sortedBy] } }),
  })
  const heads = table.getHeaderGroups()[0]?.headers ?? []
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="u-table-scroll" tabIndex={0} aria-label={caption}>
      <table className="u-table u-cards">
        <thead>
          <tr>
            {columns.map((column, at) => {
              const head = heads[at]?.column
              const order = head?.getIsSorted() || undefined
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={column.isNumber ? 'u-number' : undefined}
                  aria-sort={order && (order === 'asc' ? 'ascending' : 'descending')}
                >
                  {column.sortBy ? (
                    <button type="button" className="u-sort" onClick={() => head?.toggleSorting()}>
                      {column.label}
                      <span aria-hidden="true">{order === 'asc' ? ' ↑' : order === 'desc' ? ' ↓' : ''}</span>
                    </button>
                  ) : (
                    column.label
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {columns.map((column) => (
                <td key={column.id} data-label={column.label} className={column.isNumber ? 'u-number' : undefined}>
                  <div>{column.cell(row.original)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
