// Times in the reader's own zone; UTC is told by the tooltip.
const withDay = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const timeOnly = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function Time({ at, withSeconds }: { at: string | number | null | undefined; withSeconds?: boolean }) {
  if (at === null || at === undefined) return <>–</>
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <>–</>
  const isToday = date.toDateString() === new Date().toDateString()
  return (
    <time
      dateTime={date.toISOString()}
      title={date.toISOString().replace('T', ' ').replace('Z', ' UTC')}
      className="u-nowrap"
    >
      {(withSeconds || isToday ? timeOnly : withDay).format(date)}
    </time>
  )
}
