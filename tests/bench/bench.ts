// The shape of a bench: every other file in this folder exports one as `bench`, and `npm run bench` finds it.

/** What a figure has to reach. */
export type Bar = { atMost: number } | { atLeast: number }

export type Figure = {
  /** Unique inside its bench, in words: `Traefik CPU per request, share 100 %`. */
  name: string
  value: number
  /** `ms`, `s`, `MiB`, `pairs/s`, `µs CPU/pair`, or `×` for a ratio to the baseline. */
  unit: string
  /** The same thing measured without us, or by the best alternative, in the same run. */
  baseline?: { name: string; value: number; unit?: string }
  /** Judged against `value`, or against value ÷ baseline where `of` is `ratio`. */
  bar?: Bar & { of?: 'value' | 'ratio' }
}

export type Report = {
  figure(figure: Figure): void
  /** How it was measured, in one line; shown under the table. */
  method(text: string): void
  /** Progress for the person who waits; not part of the result. */
  progress(text: string): void
}

export type Bench = {
  /** What `npm run bench -- <name>` takes; kebab-case. */
  name: string
  /** One line on what is measured. */
  title: string
  /** Rejects when the measurement could not be made; ends everything it started either way. */
  run(report: Report): Promise<void>
}
