// Which container stands behind which of Traefik's services, as Traefik's Docker provider names them, and what keeps a
// container with our labels out of Traefik.
import type { DiscoveredService } from './discovered.ts'
import { traefikName } from './pairing-by-name.ts'

/** A running container, as Docker's list tells it. */
export type Container = {
  id: string
  name: string
  image: string
  /** `sha256:…` of the image that runs: what a version of a side is told apart by. */
  imageId: string
  /** `running`, `paused`, `restarting`. */
  state: string
  /** `starting`, `healthy` or `unhealthy`; empty without a health check. */
  health: string
  labels: Record<string, string>
  networks: { name: string; address: string }[]
  /** Ports inside the container that it exposes. */
  ports: number[]
}

/** Something that a person should mend. `where` names it. */
export type DiscoveryProblem = { where: string; what: string; mend: string }

export type Joined = {
  /** By `name@docker`; containers in the order of their names. */
  containers: Map<string, Container[]>
  /** Containers with `understudy.*` labels that Traefik has no service of. */
  strangers: Container[]
}

/** What Compose calls a container's service and project; undefined for one that Compose did not make. */
export function composeNames({ labels }: Container): { service: string; project: string } | undefined {
  const service = labels['com.docker.compose.service']
  const project = labels['com.docker.compose.project']
  return service && project ? { service, project } : undefined
}

/** The name that Traefik gives a container's service where no label does. */
export function defaultServiceName(container: Container): string {
  const compose = composeNames(container)
  return traefikName(compose ? `${compose.service}_${compose.project}` : container.name)
}

export function joinContainers(
  containers: readonly Container[],
  services: readonly Pick<DiscoveredService, 'name' | 'servers'>[],
): Joined {
  const docker = services.filter(({ name }) => name.endsWith('@docker'))
  const byName = new Map(docker.map(({ name }) => [name.toLowerCase(), name]))
  const byAddress = new Map<string, string[]>()
  for (const { name, servers } of docker) {
    for (const host of Object.keys(servers).map(hostOf)) byAddress.set(host, [...(byAddress.get(host) ?? []), name])
  }
  const joined: Joined = { containers: new Map(), strangers: [] }
  for (const container of [...containers].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const written = labelledNames(container, 'services')
    const names = written.length > 0 ? written : [defaultServiceName(container)]
    const byTheirName = names.flatMap((name) => byName.get(`${name.toLowerCase()}@docker`) ?? [])
    const byTheirAddress = container.networks.flatMap(({ address }) => byAddress.get(address) ?? [])
    const found = new Set(byTheirName.length > 0 ? byTheirName : byTheirAddress)
    for (const name of found) joined.containers.set(name, [...(joined.containers.get(name) ?? []), container])
    if (found.size === 0 && hasOurLabels(container)) joined.strangers.push(container)
  }
  return joined
}

function hasOurLabels({ labels }: Pick<Container, 'labels'>): boolean {
  return Object.keys(labels).some((label) => label.toLowerCase().startsWith('understudy.'))
}

/** Why Traefik has no service of a container, as far as it shows. */
export function whyStranger(container: Container): DiscoveryProblem {
  const where = `container ${container.name}`
  const label = (name: string) => Object.entries(container.labels).find(([each]) => each.toLowerCase() === name)?.[1]
  if (label('traefik.enable')?.toLowerCase() === 'false') {
    return {
      where,
      what: 'has our labels, and traefik.enable=false hides it from Traefik',
      mend: 'set traefik.enable=true',
    }
  }
  if (container.state !== 'running') {
    return { where, what: `is ${container.state}, and Traefik leaves it out`, mend: "see the container's log" }
  }
  if (container.health === 'starting' || container.health === 'unhealthy') {
    return {
      where,
      what: `its health check says ${container.health}, and Traefik leaves it out`,
      mend: 'wait, or mend the health check',
    }
  }
  const hasPort = Object.keys(container.labels).some((name) => /\.loadbalancer\.server\.port$/i.test(name))
  if (container.ports.length === 0 && !hasPort) {
    const service = defaultServiceName(container)
    const mend = `add the label traefik.http.services.${service}.loadbalancer.server.port=<port>`
    return { where, what: 'exposes no port, so that Traefik does not know where to send', mend }
  }
  if (container.networks.length > 1 && label('traefik.docker.network') === undefined) {
    const names = container.networks.map(({ name }) => name).join(', ')
    return {
      where,
      what: `is in several networks (${names}), and Traefik has no service of it`,
      mend: 'name the one that Traefik is in: label traefik.docker.network',
    }
  }
  return {
    where,
    what: 'has our labels, and Traefik has no service of it',
    mend: "set the label traefik.enable=true; Traefik's log tells more",
  }
}

/** Routers that several services' containers define in different ways: Traefik then takes none of them. */
export function routersDefinedTwice(containers: readonly Container[]): DiscoveryProblem[] {
  const rules = new Map<string, Map<string, string>>()
  for (const container of containers) {
    for (const router of labelledNames(container, 'routers')) {
      const settings = JSON.stringify(
        Object.entries(container.labels)
          .filter(([label]) => label.toLowerCase().startsWith(`traefik.http.routers.${router.toLowerCase()}.`))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
      const known = rules.get(router) ?? new Map<string, string>()
      rules.set(router, known.set(settings, known.get(settings) ?? container.name))
    }
  }
  return [...rules].flatMap(([router, known]) =>
    known.size < 2
      ? []
      : [
          {
            where: `router ${router}@docker`,
            what: `is defined differently by the containers ${[...known.values()].join(' and ')}: Traefik takes neither`,
            mend: 'give one of them another router name',
          },
        ],
  )
}

/** `x` of every label `traefik.http.<kind>.x.…`. */
function labelledNames(container: Container, kind: 'services' | 'routers'): string[] {
  const names = Object.keys(container.labels).flatMap((label) => {
    const [traefik, http, of, name] = label.split('.')
    const isOne = traefik?.toLowerCase() === 'traefik' && http?.toLowerCase() === 'http' && of?.toLowerCase() === kind
    return isOne && name ? [name] : []
  })
  return [...new Set(names)]
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url
}
