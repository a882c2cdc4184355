// The Traefiks that are kept: `http://a:8080` or `edge=http://a:8080,inside=http://b:8080`.

/** `name` is what `/traefik/config/<name>` and every message call it. */
export type TraefikPlace = { name: string; url: string }

export type ParsedPlaces = { ok: true; places: TraefikPlace[] } | { ok: false; message: string }

const MAX_TRAEFIKS = 50

/** Without a name the first is `traefik`, the others `traefik-2`, `traefik-3`, … */
export function parseTraefikPlaces(text: string): ParsedPlaces {
  const places: TraefikPlace[] = []
  const parts = text.split(',').flatMap((each) => each.trim() || [])
  if (parts.length === 0 || parts.length > MAX_TRAEFIKS)
    return { ok: false, message: `${parts.length} addresses: expected 1 to ${MAX_TRAEFIKS}` }
  for (const [index, part] of parts.entries()) {
    const [, name = index === 0 ? 'traefik' : `traefik-${index + 1}`, url = ''] =
      /^(?:([a-z0-9-]{1,40})=)?(.*)$/.exec(part) ?? []
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (!parsed || !/^https?:$/.test(parsed.protocol))
      return { ok: false, message: `${part}: expected [name=]http://host:port, several separated by commas` }
    if (places.some((place) => place.name === name)) return { ok: false, message: `the name ${name} is there twice` }
    places.push({ name, url })
  }
  return { ok: true, places }
}
