// Which tickets a query string or a search form asks for.

export type TicketFilter = { statuses: string[]; labels: string[] }

/** Reads parsed fields: `status`, `filter[status]` and `label` each hold one value or several. */
export function ticketFilter(fields: Record<string, unknown>): TicketFilter {
  const nested = isRecord(fields.filter) ? fields.filter : {}
  return { statuses: [...textsOf(fields.status), ...textsOf(nested.status)], labels: textsOf(fields.label) }
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
