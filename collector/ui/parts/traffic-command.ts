// The command that makes traffic on a route, as far as its rule tells where it listens. Pure.
import type { Route } from '../api/types.ts'

/** As many requests as give about this many pairs, and no more than can be waited for. */
const pairs = 20
const most = 2_000

/** Of the rule, the first path and host are taken. `address` is the proxy's, `http://127.0.0.1:8000`. */
export function trafficCommand({ rule, share = 100 }: Pick<Route, 'rule' | 'share'>, address: string): string {
  const times = Math.min(most, Math.ceil((pairs * 100) / share))
  const path = firstOf(rule, /(?:^|[^!\w])(?:PathPrefix|Path)\(`([^`]+)`/)
  const host = firstOf(rule, /(?:^|[^!\w])Host\(`([^`]+)`/)
  const header = host === undefined ? '' : ` -H ${quoted(`Host: ${host}`)}`
  return `for i in $(seq ${times}); do curl -s -o /dev/null${header} ${quoted(`${address}${path ?? '/'}`)}; done`
}

function firstOf(rule: string | undefined, pattern: RegExp): string | undefined {
  return pattern.exec(rule ?? '')?.[1]
}

/** For a shell: nothing in a rule ends the word or runs. */
function quoted(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
