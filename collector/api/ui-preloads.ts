// What a page of the UI asks first. It is told to the browser with the page (`Link: rel=preload`), so that the answers
// come while the scripts load. The addresses are those of the UI's own questions, letter by letter.

const v1 = '/api/v1'
/** Every page asks these: what is offered here, and how it is. */
const always = ['/', '/api/status']

/** Addresses for `path` and `search` of a page; only the session for whoever would be refused the rest. */
export function preloadsOf(path: string, search: string, hasRights: boolean): string[] {
  const session = `${v1}/session`
  return hasRights ? [session, ...always, ...ofPage(path, search)] : [session]
}

function ofPage(path: string, search: string): string[] {
  const [, page, part = ''] = path.split('/')
  const name = encoded(part)
  if (name === undefined) return []
  const overview = `${v1}/overview?minutes=120`
  switch (page) {
    case 'routes': {
      if (name === '') return [`${v1}/routes`, overview]
      if (name === 'new') return []
      const route = `${v1}/routes/${name}`
      return search === '' ? [route, overview, `${route}/report`, `${route}/verdict`] : [route]
    }
    case 'comparisons':
      if (name !== '') return [`${v1}/comparisons/${name}`]
      return search === '' ? [`${v1}/routes`, `${v1}/comparisons?limit=50`] : [`${v1}/routes`]
    case 'discovery':
      return [`${v1}/discovery`]
    default:
      return []
  }
}

/** As the UI writes a name in an address; undefined where the address is no text. */
function encoded(part: string): string | undefined {
  try {
    return encodeURIComponent(decodeURIComponent(part))
  } catch {
    return undefined
  }
}
