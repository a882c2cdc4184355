// A unified diff, line by line; the sign says what the colour says.
export function DiffText({ diff, label }: { diff: string; label: string }) {
  const lines = diff.replace(/\n$/, '').split('\n')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="u-diff-text" aria-label={label} tabIndex={0}>
      {lines.map((line, at) => (
        <div key={`${at} ${line}`} className={classOf(line)}>
          {line}
        </div>
      ))}
    </section>
  )
}

function classOf(line: string): string | undefined {
  if (/^(\+\+\+|---)/.test(line)) return undefined
  return line.startsWith('+') ? 'u-diff-added' : line.startsWith('-') ? 'u-diff-removed' : undefined
}
