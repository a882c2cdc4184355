// Traefik's static configuration. Traefik takes it from one source alone (file, flags or environment, never two
// together), so another port or folder means another rendered copy of this file, not a flag beside it.
import { Document, isMap, isScalar } from 'yaml'

export type StaticOptions = {
  /** Address that clients reach, `host:port` or `:port`. */
  webAddress: string
  /** Address of Traefik's API, dashboard, ping and metrics: loopback, or an internal network. */
  apiAddress: string
  /** The folder that the file provider watches; relative to the folder that Traefik is started in. */
  dynamicDir: string
  logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  /** For a Traefik whose disk Understudy does not share: `endpoint` is `<ingest>/traefik/config/<name>`. */
  httpProvider?: { endpoint: string; token?: string | undefined; pollInterval?: string } | undefined
  /** Where Docker is, `unix:///path` or `tcp://host:port`: services are found by their containers' labels too. */
  dockerEndpoint?: string | undefined
}

/** Of a container without a rule of its own: nobody reaches it, a shadow least of all. */
const NOBODYS_RULE = 'Host(`x.invalid`) && !Host(`x.invalid`)'

/** What traefik/traefik.yaml holds. */
const nativeStatic: StaticOptions = {
  webAddress: ':8000',
  apiAddress: '127.0.0.1:8002',
  dynamicDir: './dynamic',
  logLevel: 'INFO',
}

/** The static configuration as commented YAML. Start Traefik in the folder that holds `plugins-local/`. */
export function renderStaticConfig(options: Partial<StaticOptions> = {}): string {
  const { webAddress, apiAddress, dynamicDir, logLevel, httpProvider, dockerEndpoint } = { ...nativeStatic, ...options }
  const document = new Document({
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: logLevel },
    entryPoints: {
      web: { address: webAddress, asDefault: true },
      traefik: { address: apiAddress, asDefault: false },
    },
    api: { insecure: true, dashboard: true },
    ping: { entryPoint: 'traefik' },
    metrics: { prometheus: { entryPoint: 'traefik', addRoutersLabels: true } },
    providers: {
      providersThrottleDuration: '500ms',
      file: { directory: dynamicDir, watch: true },
      ...(httpProvider && { http: httpSettings(httpProvider) }),
      ...(dockerEndpoint && {
        docker: { endpoint: dockerEndpoint, exposedByDefault: false, defaultRule: NOBODYS_RULE },
      }),
    },
    experimental: { localPlugins: { understudy: { moduleName: TAP_MODULE } } },
  })
  document.commentBefore = HEADER
  for (const [path, comment] of comments) commentKey(document, path, comment)
  return document.toString({ lineWidth: 0 })
}

/** The token goes into a header: in the URL it would be seen in logs. Static settings are not shown by Traefik's API. */
function httpSettings({ endpoint, token, pollInterval = '1s' }: NonNullable<StaticOptions['httpProvider']>) {
  return { endpoint, pollInterval, ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }) }
}

export const TAP_MODULE = 'github.com/understudy-proxy/tap'

const HEADER = ` Traefik's static configuration for the native stack; plugin-config/render-static.ts writes it.
 Start Traefik in this folder: it looks for plugins-local/ where it is started.
 Traefik takes static settings from one source alone, so a flag or TRAEFIK_… variable beside this file is ignored.
 Other ports: \`npm start\` renders a copy of its own.`

const comments: [path: string[], comment: string][] = [
  [['entryPoints', 'web'], ' Where clients come in. Routers that name no entry point get this one, and this one only.'],
  [
    ['entryPoints', 'traefik'],
    ' API, dashboard, ping and metrics: on loopback, and never a default for other routers.',
  ],
  [['api'], ' "insecure" means: served without a login, on the entry point `traefik` alone.'],
  [
    ['providers'],
    ` The dynamic folder holds understudy.yaml, which Understudy writes, and your own files beside it.
 Discovery by Docker labels (on with UNDERSTUDY_DOCKER_HOST): providers.docker, with a defaultRule that exposes nothing,
   defaultRule: 'Host(\`x.invalid\`) && !Host(\`x.invalid\`)'`,
  ],
  [['experimental'], ' The tap: Go source under plugins-local/src, run by Traefik itself.'],
]

function commentKey(document: Document, path: readonly string[], comment: string): void {
  const map = path.length > 1 ? document.getIn(path.slice(0, -1)) : document.contents
  if (!isMap(map)) return
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
  if (isScalar(pair?.key)) pair.key.commentBefore = comment
}
