import type { Component, OverlaySwitch } from '../api/schemas.ts'
import type { OverlayState } from '../api/parts.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { RouteRegistry } from './route-registry.ts'

export type Control = {
  changed(): void
  status(): Component
  overlayState(route: string): OverlayState
  discovery(): Promise<Record<string, unknown>>
  overlay: { off(): Promise<OverlaySwitch>; on(): Promise<OverlaySwitch> }
  close(): void
}

export function startControl(_options: { config: Config; log: Log; routes: RouteRegistry }): Control { throw new Error("not yet") }
