import { describe, expect, it } from '@jest/globals'
import { overlayState } from '../../collector/roles/overlay-state.ts'
import { parseRoute } from '../../plugin-config/route.ts'

const parsed = parseRoute(
  { name: 'app', primary: { service: 'app@docker' }, shadows: [{ name: 'shadow', url: 'http://10.0.0.2' }] },
  'file',
)
if (!parsed.ok) throw new Error('the route of this test is not right')
const at = (version: number) => [{ route: parsed.route, version }]
const told = (version: number | null) => ({ state: 'applied' as const, reason: null, version })

describe('the state of an overlay', () => {
  it.each([
    ['of the version that was confirmed', at(3), told(3), 'applied'],
    ['of an older version than the route has now', at(3), told(2), 'pending'],
    ['that nobody has looked at', at(1), undefined, 'pending'],
    ['of a newer version than is known here', at(2), told(3), 'applied'],
    ['where versions are not told', at(3), told(null), 'applied'],
    ['of a route that is gone', [], told(2), 'applied'],
  ])('%s', (_, entries, said, state) => {
    expect(overlayState('app', entries, said).state).toBe(state)
  })
})
