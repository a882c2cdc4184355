// Numbers, rates and texts as people read them. Pure; times are in time.tsx, because they need the reader's clock.

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** A share of 0 to 1 in percent: never "0 %" for something that is there, never "100 %" where something is missing. */
export function percent(rate: number | null | undefined): string {
  if (rate === null || rate === undefined || !Number.isFinite(rate)) return '–'
  const value = rate * 100
  if (value === 0) return '0 %'
  if (value < 0.01) return '< 0.01 %'
  if (value > 99.99 && value < 100) return '> 99.99 %'
  const digits = value < 1 || value > 99 ? 2 : value < 10 ? 1 : 0
  return `${Number(value.toFixed(digits))} %`
}

export function millis(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value < 1024) return `${value} B`
  return value < 1024 * 1024 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / 1024 / 1024).toFixed(1)} MiB`
}

/** `1 pair`, `2 pairs`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A value of a difference in one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing'
  return visible(typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value)))
}

// Control characters but tab and line feed, and those that turn the direction of the text or cannot be seen.
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Captured text with every character that could deceive the reader (ANSI, right-to-left override) written out. */
export function visible(text: string): string {
  return text.replace(
    hidden,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
