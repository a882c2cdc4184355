import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as said from './schemas.ts'

type Parts = Pick<ApiParts, 'overlay'>

export function overlayOperations(parts: Parts): Operation[] {
  return [
    ...(['off', 'on'] as const).map((wanted) =>
      operation({
        id: wanted === 'off' ? 'switchOverlayOff' : 'switchOverlayOn',
        method: 'post',
        path: `/api/v1/overlay/${wanted}`,
        summary:
          wanted === 'off'
            ? 'Take every overlay away: Traefik routes as if Understudy were not there'
            : 'Put the overlays of the enabled routes back',
        tag: 'routes',
        answer: said.OverlaySwitch,
        problems: ['unavailable', 'not-offered'],
        handle: () => (parts.overlay ?? absent('control'))[wanted](),
      }),
    ),
  ]
}

export function absent(role: string): never {
  throw new HttpProblem('not-offered', `this process has no part for it: expected ${role} among its UNDERSTUDY_ROLES`)
}
