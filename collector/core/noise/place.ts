// Where a difference is, the same for all elements of a list: `/items/*/id` for `/items/7/id`.

const POSITION = /^\d{1,19}$/
/** Keys that are ids: UUIDs, ULIDs, long hex, long numbers behind a prefix. Maps keyed by them are lists in effect. */
const ID_KEY =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}|(?=[a-f]*\d)[0-9a-f]{12,128})$/i

const MAX_CHARS = 300
/** Paths that are remembered: services have few, and each is looked at for every pair. */
const MAX_REMEMBERED = 5_000
const remembered = new Map<string, string>()

/** Positions and ids in a pointer as `*`; a long path ends in `…`. Other paths (`status`, `header:…`, `line:8`) stay. */
export function placeOf(path: string): string {
  const known = remembered.get(path)
  if (known !== undefined) return known
  const place = path.startsWith('/') ? pointerPlace(path) : path
  const bounded = place.length > MAX_CHARS ? `${place.slice(0, MAX_CHARS - 1).toWellFormed()}…` : place
  if (path.length <= MAX_CHARS && remembered.size < MAX_REMEMBERED) remembered.set(path, bounded)
  return bounded
}

function pointerPlace(path: string): string {
  return path
    .split('/')
    .map((key) => (POSITION.test(key) || ID_KEY.test(key) ? '*' : key))
    .join('/')
}
