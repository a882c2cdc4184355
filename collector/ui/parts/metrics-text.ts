// Reads the few figures of Prometheus' text format that the pipeline page shows. Pure.
export type Sample = { labels: Record<string, string>; value: number }

/** The samples of one metric, added up by the labels in `by`; zeros left out where there are labels. */
export function sumMetric(text: string, name: string, by: string[]): Sample[] {
  const sums = new Map<string, Sample>()
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue
    const rest = line.slice(name.length)
    if (!rest.startsWith('{') && !rest.startsWith(' ')) continue
    const value = Number(rest.slice(rest.lastIndexOf(' ') + 1))
    if (!Number.isFinite(value) || (by.length > 0 && value === 0)) continue
    const all = labelsOf(rest)
    const labels = Object.fromEntries(by.map((label) => [label, all[label] ?? '']))
    const key = JSON.stringify(labels)
    const sum = sums.get(key) ?? { labels, value: 0 }
    sum.value += value
    sums.set(key, sum)
  }
  return [...sums.values()].sort((a, b) => b.value - a.value)
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return Object.fromEntries(pairs.map(([, label = '', value = '']) => [label, value]))
}
