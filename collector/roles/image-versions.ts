// What runs on each side, by the digest of its image, where Docker tells it: a new image is a new version.
import type { Route } from '../../plugin-config/route.ts'
import type { Target } from '../../plugin-config/target.ts'
import type { Discovery } from '../api/discovery-schemas.ts'

/** Of a service whose containers run several images, all of them. Left out: what is not known. */
export type ImageVersions = { primary?: string; shadow?: string }

export function imageVersions(
  found: Pick<Discovery, 'services'> | undefined,
  route: Pick<Route, 'primary' | 'shadows'>,
  variant: string,
): ImageVersions {
  const versionOf = (target: Target | undefined): string | undefined => {
    if (target === undefined || !('service' in target)) return undefined
    const images = found?.services.find(({ name }) => name === target.service)?.images ?? []
    const ids = [...new Set(images.map(({ imageId }) => imageId))].filter((id) => id !== '').sort()
    return ids.length === 0 ? undefined : ids.join(' ')
  }
  const primary = versionOf(route.primary)
  const shadow = versionOf(route.shadows.find(({ name }) => name === variant))
  return { ...(primary === undefined ? {} : { primary }), ...(shadow === undefined ? {} : { shadow }) }
}
