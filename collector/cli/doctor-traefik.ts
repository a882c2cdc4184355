// What doctor sees in Traefik: its version, the tap in it, entry points, providers, and mirroring that may go wrong.
import type { Finding } from './doctor-checks.ts'
import { notKnown, reasonOf } from './doctor-parts.ts'
import type { Session } from './session.ts'
import { readTraefik, type TraefikView } from './traefik-view.ts'

export async function checkTraefik(session: Session): Promise<Finding[]> {
  const { traefikApi } = session.stack
  let view: TraefikView
  try {
    view = await readTraefik(session)
  } catch (error) {
    if (session.stack.isGuessed.traefikApi) return [notKnown('traefik', 'UNDERSTUDY_TRAEFIK_API')]
    const detail = `its API does not answer at ${traefikApi}: ${reasonOf(error)}`
    const mend =
      'start Traefik, or set UNDERSTUDY_TRAEFIK_API to the address of its API (api.insecure or an entry point of its own)'
    return [{ check: 'traefik', state: 'failed', detail, mend }]
  }
  return [
    version(view, traefikApi),
    plugin(view),
    ...entryPoints(view),
    ...providers(view),
    ...refusedRouters(view),
    ...retries(view),
    ...bodySizes(view),
    ...openShadows(view),
    ...clock(view, session.now()),
  ]
}

function version({ version }: TraefikView, at: string): Finding {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  const isNew = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 7)
  if (isNew) return { check: 'traefik', state: 'passed', detail: `version ${version} at ${at}` }
  const mend = 'use Traefik 3.7 or newer: service middlewares came with it'
  return { check: 'traefik', state: 'failed', detail: `version ${version || 'unknown'}`, mend }
}

function plugin({ middlewares }: TraefikView): Finding {
  const taps = middlewares.filter(({ isTap }) => isTap)
  const broken = taps.find(({ status }) => status !== 'enabled')
  if (broken) {
    const mend =
      'Traefik needs experimental.localPlugins.understudy and the folder plugins-local beside where it starts; its log tells more'
    const detail = `${broken.name}: ${broken.errors.join('; ') || broken.status}`
    return { check: 'plugin', state: 'failed', detail, mend }
  }
  if (taps.length > 0) return { check: 'plugin', state: 'passed', detail: `loaded, in ${taps.length} middlewares` }
  const detail = 'no overlay uses the tap yet, so Traefik has not been asked for it'
  return { check: 'plugin', state: 'skipped', detail }
}

function entryPoints({ entryPoints, routers }: TraefikView): Finding[] {
  const toApi = routers.filter(({ service }) => /^(api|dashboard)@internal$/.test(service))
  const admin = entryPoints.filter(({ name }) => toApi.some((router) => router.entryPoints.includes(name)))
  const told = entryPoints.map(({ name, address, isDefault }) => `${name} ${address}${isDefault ? ' (default)' : ''}`)
  const others = entryPoints.filter((each) => !admin.includes(each))
  // Where no entry point is marked, every one is a default.
  const isDefault = (each: (typeof entryPoints)[number]) =>
    each.isDefault || !entryPoints.some((other) => other.isDefault)
  const open = admin.find((each) => others.length > 0 && isDefault(each))
  if (!open) return [{ check: 'entry points', state: 'passed', detail: told.join(', ') }]
  const detail = `${open.name} serves Traefik's API, and routers that name no entry point come on it too`
  const mend = `set asDefault: true on ${others[0]?.name}, and leave it off ${open.name}`
  return [{ check: 'entry points', state: 'doubtful', detail, mend }]
}

function providers({ providers }: TraefikView): Finding[] {
  if (providers.length === 0) return []
  const has = (name: RegExp) => providers.some((each) => name.test(each))
  const told = providers.join(', ')
  if (!has(/^(file|http)$/i)) {
    const mend = 'turn on providers.file with the folder that Understudy writes (directory, watch: true)'
    return [{ check: 'providers', state: 'failed', detail: `${told}: none of them reads what we render`, mend }]
  }
  const note = has(/^(docker|swarm)$/i) ? '' : '; Docker is not on, so that labels make no routers'
  return [{ check: 'providers', state: 'passed', detail: `${told}${note}` }]
}

const MAX_TOLD = 20

function refusedRouters({ routers }: TraefikView): Finding[] {
  const refused = routers.filter(({ status, errors }) => status === 'disabled' || errors.length > 0)
  return refused.slice(0, MAX_TOLD).map(({ name, errors, status }) => ({
    check: `router ${name}`,
    state: /(^|-)understudy-/.test(name) ? 'doubtful' : 'failed',
    detail: errors.join('; ') || status,
    mend: 'Traefik does not use this router: correct what it names',
  }))
}

/** The tap's middleware, or Traefik's own mirroring, behind a Retry: a body that was mirrored is gone the second time. */
function retries({ routers, services, middlewares }: TraefikView): Finding[] {
  const retry = new Set(middlewares.filter(({ type }) => type === 'retry').map(({ name }) => name))
  const mirroring = new Set(services.filter((each) => each.mirroring).map(({ name }) => name))
  const mirrors = ({ service, name }: TraefikView['routers'][number]) =>
    mirroring.has(service) || /(^|-)understudy-[a-z0-9-]+-overlay/.test(name)
  return routers
    .filter((router) => mirrors(router) && router.middlewares.some((name) => retry.has(name)))
    .slice(0, MAX_TOLD)
    .map(({ name, middlewares: used }) => ({
      check: `retry on ${name}`,
      state: 'doubtful',
      detail: `${used.find((each) => retry.has(each))} stands before mirroring, which can corrupt a client's body`,
      mend: 'take Retry off the router that is mirrored, or mirror requests without a body alone',
    }))
}

const LARGEST_BODY = 1_048_576

function bodySizes({ services }: TraefikView): Finding[] {
  return services
    .filter(
      ({ mirroring }) => mirroring !== null && (mirroring.maxBodySize < 0 || mirroring.maxBodySize > LARGEST_BODY),
    )
    .slice(0, MAX_TOLD)
    .map(({ name, mirroring }) => ({
      check: `maxBodySize of ${name}`,
      state: 'doubtful',
      detail:
        (mirroring?.maxBodySize ?? -1) < 0
          ? 'not set: a request of any size is held in memory for the shadow'
          : `${mirroring?.maxBodySize} bytes are allocated for every mirrored request, body or not`,
      mend: 'set mirroring.maxBodySize to 65536, or to 1048576 at most',
    }))
}

/** Traefik gives a labelled container a router of its own, so that a shadow answers whoever sends its host name. */
function openShadows({ routers }: TraefikView): Finding[] {
  return routers
    .filter(({ service, status, name, rule }) => {
      const isShadow = /-shadow(-[^@]*)?@docker$/.test(service)
      return isShadow && status !== 'disabled' && !/(^|-)understudy-/.test(name) && !/!\s*Host/.test(rule)
    })
    .slice(0, MAX_TOLD)
    .map(({ name, rule, service }) => ({
      check: `router ${name}`,
      state: 'doubtful',
      detail: `clients can reach the shadow ${service} by ${rule}`,
      mend: 'set providers.docker.defaultRule to Host(`x.invalid`) && !Host(`x.invalid`), or give the shadow no router',
    }))
}

const SKEW_LIMIT_MS = 2_500

/** Traefik's `Date` header counts whole seconds. */
function clock({ clockMs }: TraefikView, nowMs: number): Finding[] {
  if (clockMs === null) return []
  const skewMs = nowMs - clockMs
  if (Math.abs(skewMs) <= SKEW_LIMIT_MS) return []
  const detail = `${(Math.abs(skewMs) / 1000).toFixed(0)} s ${skewMs > 0 ? 'behind' : 'ahead of'} the clock here`
  const mend = 'set both machines by NTP: the proxy makes the times inside exchange ids'
  return [{ check: 'clock of Traefik', state: 'failed', detail, mend }]
}
