// How the text of a label becomes a value. What is wrong stays text, so that the route's own check tells what it expected.

/** A path may hold a comma; an operation begins with its method. */
export function operationsOf(text: string): string[] {
  return text.split(/,\s*(?=[A-Za-z]+ )/).map((each) => each.trim())
}

export function textOf(text: string): string {
  return text
}

/** The text itself where it is no plain number, so that the route's own check tells what it expected. */
export function numberOf(text: string): number | string {
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text
}

export function flagOf(text: string): boolean | string {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : text
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
