// Containers and services as Docker and Traefik tell them, for tables of cases.
import { type Container, defaultServiceName } from '../../plugin-config/container-services.ts'

type Given = Partial<Container> & { service?: string; project?: string }

let last = 0

export function container(name: string, labels: Record<string, string> = {}, given: Given = {}): Container {
  last += 1
  const { service, project, ...rest } = given
  const compose = service
    ? { 'com.docker.compose.service': service, 'com.docker.compose.project': project ?? 'shop' }
    : {}
  return {
    id: `${last}`.padStart(64, '0'),
    name,
    image: `${name}:latest`,
    imageId: `sha256:${name}`,
    state: 'running',
    health: '',
    labels: { ...compose, ...labels },
    networks: [{ name: 'shop_default', address: `172.18.0.${last % 250}` }],
    ports: [80],
    ...rest,
  }
}

/** A Compose service's only container, in project `shop`. */
export const composed = (service: string, labels: Record<string, string> = {}, given: Given = {}) =>
  container(`shop-${service}-1`, labels, { service, ...given })

/** What Traefik makes of a container without a service label. */
export const serviceOf = (of: Container) => ({
  name: `${defaultServiceName(of)}@docker`,
  servers: { [`http://${of.networks[0]?.address}:80`]: 'UP' },
})
