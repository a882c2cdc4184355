// Comparisons as they are made. Whoever reads further down, or has paused, is never pushed: new ones wait above.
import { Button, Group, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { ComparisonSummary } from '../api/types.ts'
import { ComparisonTable } from '../parts/comparison-table.tsx'
import { FilterBar, useFilters } from '../parts/filters.tsx'
import { plural } from '../parts/format.ts'
import { addLive, emptyLive, showWaiting } from '../parts/live-rows.ts'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { apiPath } from '../paths.ts'

const drawEveryMs = 250

export function LivePage() {
  const [filters, change] = useFilters()
  const [isPaused, setPaused] = useState(false)
  const [live, setLive] = useState(emptyLive)
  const [connection, setConnection] = useState<'opening' | 'open' | 'lost'>('opening')
  const isHeld = useRef(false)
  const list = useRef<HTMLDivElement>(null)
  isHeld.current = isPaused || (list.current?.scrollTop ?? 0) > 4

  const { route, outcome, variant } = filters
  useEffect(() => {
    setLive(emptyLive)
    const search = new URLSearchParams({ kind: 'comparison' })
    for (const [name, value] of Object.entries({ route, outcome, variant })) if (value) search.set(name, value)
    const source = new EventSource(`${apiPath.events}?${search}`)
    let arrived: ComparisonSummary[] = []
    let missed = 0
    source.addEventListener('open', () => setConnection('open'))
    source.addEventListener('error', () => setConnection('lost'))
    source.addEventListener('comparison', (event) => arrived.push(JSON.parse(event.data)))
    source.addEventListener('dropped', (event) => {
      missed += JSON.parse(event.data).count
    })
    // Many may come in a second: they are drawn together.
    const timer = setInterval(() => {
      if (arrived.length === 0 && missed === 0) return
      const batch = { items: arrived, missed }
      arrived = []
      missed = 0
      const hold = isHeld.current || (list.current?.scrollTop ?? 0) > 4
      setLive((before) => addLive(before, batch, hold))
    }, drawEveryMs)
    return () => {
      clearInterval(timer)
      source.close()
    }
  }, [route, outcome, variant])

  const show = () => {
    setPaused(false)
    setLive(showWaiting)
    list.current?.scrollTo({ top: 0 })
  }
  return (
    <Page
      title="Live"
      actions={
        <Button variant="default" onClick={() => (isPaused ? show() : setPaused(true))} aria-pressed={isPaused}>
          {isPaused ? 'Go on' : 'Pause'}
        </Button>
      }
    >
      <FilterBar filters={filters} change={change} />
      <Group justify="space-between" mih={32}>
        <Text size="sm" c="dimmed" role="status">
          {connection === 'lost'
            ? 'The connection is lost; it is tried again by itself.'
            : connection === 'opening'
              ? 'Connecting …'
              : isPaused
                ? 'Paused'
                : 'Listening'}
          {live.missed > 0 && ` · ${live.missed} not shown: they came too fast`}
        </Text>
        {live.waiting.length > 0 && (
          <Button size="xs" onClick={show}>
            Show {plural(live.waiting.length, 'new comparison')}
          </Button>
        )}
      </Group>
      {live.shown.length === 0 ? (
        <Empty title="Waiting for the next comparison">
          It shows up here as soon as both answers of a request are compared.
        </Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <div className="u-live" ref={list} tabIndex={0} role="log" aria-live="off" aria-label="Live comparisons">
          <ComparisonTable items={live.shown} />
        </div>
      )}
    </Page>
  )
}
