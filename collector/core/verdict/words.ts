// Numbers and times as a person reads them. No locale, so that the same counts give the same words everywhere.

/** `1,024`. */
export function numberText(value: number): string {
  return value < 1_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `30.5 %`, `0.12 %`, `0 %`. */
export function percentText(rate: number): string {
  const percent = rate * 100
  if (percent === 0 || percent >= 99.95) return `${Math.round(percent)} %`
  return `${Number(percent >= 10 ? percent.toFixed(1) : percent.toPrecision(2))} %`
}

/** `about 16 min`; undefined where the time cannot be told. */
export function durationText(seconds: number | null): string | undefined {
  if (seconds === null) return undefined
  if (seconds < 90) return `about ${Math.max(1, Math.ceil(seconds))} s`
  if (seconds < 90 * 60) return `about ${Math.ceil(seconds / 60)} min`
  if (seconds < 48 * 3600) return `about ${Math.ceil(seconds / 3600)} h`
  return `about ${numberText(Math.ceil(seconds / 86_400))} days`
}

/** The first few of a list, and how many more there are. */
export function listText(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${numberText(names.length - most)} more` : shown
}
