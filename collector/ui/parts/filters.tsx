// Filters of lists of comparisons, as the address has them.
import { Button, Group, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { routesQuery } from '../api/queries.ts'
import type { Outcome } from '../api/types.ts'
import { useAddress } from './address.ts'

const filterNames = ['route', 'variant', 'outcome', 'endpoint', 'from', 'to'] as const
export type Filters = Partial<Record<(typeof filterNames)[number], string>>

const outcomes: Outcome[] = ['different', 'match', 'noise', 'incomplete']

export function useFilters(): [Filters, (changed: Filters) => void] {
  const [params, change] = useAddress()
  const filters: Filters = {}
  for (const name of filterNames) {
    const value = params.get(name)
    if (value) filters[name] = value
  }
  return [filters, change]
}

export function FilterBar(props: { filters: Filters; change: (changed: Filters) => void; hasTimes?: boolean }) {
  const { filters, change, hasTimes } = props
  const routes = useQuery(routesQuery)
  const known = routes.data?.items ?? []
  const names = withCurrent(
    known.map((route) => route.name),
    filters.route,
  )
  const variants = withCurrent(
    [
      ...known
        .filter((route) => !filters.route || route.name === filters.route)
        .flatMap((route) => (route.shadows ?? []).map((shadow) => shadow.name)),
      'control',
    ],
    filters.variant,
  )
  const isFiltered = filterNames.some((name) => filters[name] !== undefined)
  return (
    <Group gap="xs" align="flex-end" role="search">
      <Select
        label="Route"
        placeholder="all"
        clearable
        searchable
        w={150}
        data={names}
        value={filters.route ?? null}
        onChange={(route) => change({ route: route ?? '' })}
      />
      <Select
        label="Outcome"
        placeholder="all"
        clearable
        w={125}
        data={outcomes}
        value={filters.outcome ?? null}
        onChange={(outcome) => change({ outcome: outcome ?? '' })}
      />
      <Select
        label="Variant"
        placeholder="all shadows"
        clearable
        w={140}
        data={variants}
        value={filters.variant ?? null}
        onChange={(variant) => change({ variant: variant ?? '' })}
      />
      {hasTimes && (
        <>
          <TypedFilter
            label="Endpoint"
            placeholder="GET /tickets/{id}"
            value={filters.endpoint ?? ''}
            onDone={(endpoint) => change({ endpoint })}
          />
          <TimeFilter label="From" value={filters.from} onDone={(from) => change({ from })} />
          <TimeFilter label="To" value={filters.to} onDone={(to) => change({ to })} />
        </>
      )}
      {isFiltered && (
        <Button variant="default" onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, ''])))}>
          Clear filters
        </Button>
      )}
    </Group>
  )
}

/** Taken over when it is complete: on Enter or when the field is left. */
function TypedFilter(props: { label: string; placeholder: string; value: string; onDone: (value: string) => void }) {
  const [typed, setTyped] = useState(props.value)
  useEffect(() => setTyped(props.value), [props.value])
  const done = () => typed.trim() !== props.value && props.onDone(typed.trim())
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      value={typed}
      w={190}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => event.key === 'Enter' && done()}
    />
  )
}

/** The reader's own zone in the field, UTC in the address. */
function TimeFilter(props: { label: string; value: string | undefined; onDone: (value: string) => void }) {
  const shown = props.value ? localText(props.value) : ''
  return (
    <TextInput
      type="datetime-local"
      label={props.label}
      w={190}
      value={shown}
      onChange={({ currentTarget: { value } }) => {
        const date = new Date(value)
        if (value === '') props.onDone('')
        else if (!Number.isNaN(date.getTime())) props.onDone(date.toISOString())
      }}
    />
  )
}

function localText(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** A filter of a link is shown even where nothing of that name is known any more. */
function withCurrent(names: string[], current: string | undefined): string[] {
  return [...new Set(current ? [...names, current] : names)]
}
