// Reads single values out of what Traefik's API answered; whatever is not as expected becomes an empty value.

export function nameList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}

export function statusOf(value: unknown): 'enabled' | 'warning' | 'disabled' {
  return value === 'enabled' || value === 'warning' ? value : 'disabled'
}
