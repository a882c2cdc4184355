import { describe, expect, it } from '@jest/globals'
import { imageVersions } from '../../collector/roles/image-versions.ts'
import { emptyDiscovery } from '../api/api-server.ts'

const service = (name: string, ...imageIds: string[]) => ({
  ...{ name, provider: 'docker', type: 'loadbalancer', status: 'enabled' as const, servers: {} },
  images: imageIds.map((imageId) => ({ container: 'c', image: 'i', imageId, version: null })),
})
const route = (primary: { service: string } | { url: string }) => ({
  primary,
  shadows: [{ name: 'shadow', service: 'x-shadow@docker', sandbox: false }],
})

describe('the version of a side', () => {
  const found = {
    ...emptyDiscovery,
    services: [service('x@docker', 'sha256:b', 'sha256:a', 'sha256:b'), service('x-shadow@docker', 'sha256:c')],
  }

  it('is the digest of its image, of all its containers', () => {
    expect(imageVersions(found, route({ service: 'x@docker' }), 'shadow')).toEqual({
      primary: 'sha256:a sha256:b',
      shadow: 'sha256:c',
    })
  })

  it('is left out where it is not known', () => {
    expect(imageVersions(undefined, route({ service: 'x@docker' }), 'shadow')).toEqual({})
    expect(imageVersions(found, route({ url: 'http://x:1' }), 'other')).toEqual({})
  })
})
