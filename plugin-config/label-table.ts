// The `understudy.*` labels: which there are, whose container carries them, and how the text becomes a route's field.

import { flagOf, listOf, numberOf, operationsOf, textOf } from './label-values.ts'

export type LabelEntry = {
  /** After `understudy.`; capitals make no difference. */
  label: string
  /** `route`: on the primary or a shadow, the primary's word goes first. `each`: about the container itself. */
  on: 'route' | 'each' | 'shadow'
  example: string
  what: string
  /** Where the value goes in a route; none for what is read apart (`enable`, `sandbox`, rules) or goes into `side`. */
  path?: readonly string[]
  /** Which field of its own side the value becomes: of the shadow, or with `on: 'each'` of the primary too. */
  side?: string
  read?: (text: string) => unknown
}

/** In the order of README's table; a test holds the two together. */
export const labelTable: readonly LabelEntry[] = [
  {
    label: 'enable',
    on: 'each',
    example: 'false',
    what: 'on a primary: no route by itself; on a shadow: this one is left out',
    read: flagOf,
  },
  {
    label: 'route',
    on: 'route',
    example: 'ticketing',
    what: "the route's name; else the primary's",
    path: ['name'],
    read: textOf,
  },
  {
    label: 'share',
    on: 'route',
    example: '25',
    what: 'percent of the requests, 0.01 to 100; else 10',
    path: ['share'],
    read: numberOf,
  },
  {
    label: 'methods',
    on: 'route',
    example: 'GET,HEAD',
    what: 'methods that may be mirrored; else GET, HEAD, OPTIONS',
    path: ['methods'],
    read: (text) => listOf(text).map((each) => each.toUpperCase()),
  },
  {
    label: 'operations',
    on: 'route',
    example: 'POST /tickets/{id},PUT /tickets/{id}',
    what: 'further requests that may be mirrored',
    path: ['operations'],
    read: operationsOf,
  },
  {
    label: 'graphql',
    on: 'route',
    example: '/graphql',
    what: 'paths where a POST is mirrored that holds queries and nothing else',
    path: ['graphql'],
    read: listOf,
  },
  {
    label: 'endpoints',
    on: 'route',
    example: 'GET /users/{name}',
    what: 'templates of paths that are known beforehand; the others are learned',
    path: ['endpoints'],
    read: operationsOf,
  },
  {
    label: 'control',
    on: 'route',
    example: '5',
    what: 'percent of the sampled requests that go to the primary again; else 0',
    path: ['control', 'percent'],
    read: numberOf,
  },
  {
    label: 'control.rate',
    on: 'route',
    example: '5',
    what: 'and so many of them a second at most; else 5',
    path: ['control', 'rate'],
    read: numberOf,
  },
  {
    label: 'control.learn',
    on: 'route',
    example: '250',
    what: 'the first requests of a version that go there whatever the percentage; else 250',
    path: ['control', 'learn'],
    read: numberOf,
  },
  {
    label: 'sticky.header',
    on: 'route',
    example: 'X-User',
    what: 'requests with the same value are mirrored together, or not',
    path: ['stickyBy', 'header'],
    read: textOf,
  },
  {
    label: 'sticky.cookie',
    on: 'route',
    example: 'session',
    what: 'the same by cookie',
    path: ['stickyBy', 'cookie'],
    read: textOf,
  },
  {
    label: 'store',
    on: 'route',
    example: 'differing',
    what: '`all` or `differing`; else what differs and 1 % of the rest',
    path: ['store'],
    read: textOf,
  },
  {
    label: 'store.sample',
    on: 'route',
    example: '5',
    what: 'what differs and so many percent of the rest',
    path: ['store', 'sample'],
    read: numberOf,
  },
  {
    label: 'exposeId',
    on: 'route',
    example: 'true',
    what: "the client's answer carries `X-Understudy-Id`",
    path: ['exposeId'],
    read: flagOf,
  },
  ...(['rate', 'burst', 'inFlight', 'timeoutMs', 'breakAtPercent', 'pauseMs'] as const).map(
    (field): LabelEntry => ({
      label: `protect.${field}`,
      on: 'route',
      example: {
        ...{ rate: '100', burst: '200', inFlight: '50', timeoutMs: '5000' },
        ...{ breakAtPercent: '50', pauseMs: '60000' },
      }[field],
      what: {
        rate: "the shadow's requests a second at most; 0: no limit",
        burst: 'and so many at once above it',
        inFlight: 'requests that it may have open',
        timeoutMs: 'milliseconds that it may take',
        breakAtPercent: 'percent of its requests that may fail before it is paused; 0: never',
        pauseMs: 'milliseconds that it is paused',
      }[field],
      path: ['protect', field],
      read: numberOf,
    }),
  ),
  {
    label: 'captureBytes',
    on: 'route',
    example: '262144',
    what: 'bytes of each answer that are captured at most',
    path: ['captureBytes'],
    read: numberOf,
  },
  {
    label: 'maxBodySize',
    on: 'route',
    example: '65536',
    what: 'bytes of a request above which it is not mirrored',
    path: ['maxBodySize'],
    read: numberOf,
  },
  {
    label: 'redact.headers',
    on: 'route',
    example: 'X-Customer',
    what: 'further headers whose values leave the proxy as keyed hashes only',
    path: ['redact', 'headers'],
    read: listOf,
  },
  {
    label: 'redact.query',
    on: 'route',
    example: 'customer',
    what: 'the same for query parameters',
    path: ['redact', 'query'],
    read: listOf,
  },
  {
    label: 'sandbox',
    on: 'shadow',
    example: 'true',
    what: 'the shadow cannot touch anything real',
    read: flagOf,
  },
  {
    label: 'version',
    on: 'each',
    example: 'build-41',
    what: 'what runs there; when it changes, the evidence starts anew (a new image does so by itself)',
    side: 'version',
    read: textOf,
  },
  {
    label: 'host',
    on: 'shadow',
    example: 'shop.test',
    what: "the host of the shadow's requests; else the client's",
    side: 'host',
    read: textOf,
  },
  {
    label: 'credentials',
    on: 'shadow',
    example: 'strip',
    what: "`strip`: without the client's `Authorization`, `Cookie` and the like; else `pass`",
    side: 'credentials',
    read: textOf,
  },
  {
    label: 'ignore',
    on: 'route',
    example: '/updatedAt,header:x-build',
    what: 'paths whose differences are noise',
    read: listOf,
  },
  {
    label: 'compare.<treatment>',
    on: 'route',
    example: '/id',
    what: 'paths to compare as `uuid`, `ulid`, `token`, `counter`, `url-host`, `timestamp`, `unordered` (`/items by id`) or `number` (`/price within 0.01`, `/price percent 1`)',
    read: listOf,
  },
]
