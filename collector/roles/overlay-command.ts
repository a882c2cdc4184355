// `off` and `on` where another process controls Traefik: asked for in the database, where that one takes it, and answered
// there. What nobody takes is carried out by the next process that leads.
import { setTimeout as delay } from 'node:timers/promises'
import type { ApiParts } from '../api/parts.ts'
import { HttpProblem } from '../api/problem.ts'
import type { OverlaySwitch } from '../api/schemas.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'
import { lookInTurn } from './look-in-turn.ts'

type Wanted = { id: string; overlay: 'on' | 'off' }
type Done = { id: string; answer: OverlaySwitch }
type Overlay = NonNullable<ApiParts['overlay']>

const WANTED = 'overlay-wanted'
const DONE = 'overlay-done'
/** Longer than Traefik may take to confirm. */
const WITHIN_MS = 15_000
const EVERY_MS = 100

/** The side that asks. */
export function askForOverlay(options: {
  states: ControlStateStore
  isLed: () => Promise<boolean>
  newId: () => string
  now: () => number
}): Overlay {
  const { states, isLed, newId, now } = options
  const ask = async (overlay: 'on' | 'off'): Promise<OverlaySwitch> => {
    const id = newId()
    const notYet = (detail: string): OverlaySwitch => ({ overlay, routes: 0, pending: true, detail })
    await states.write(WANTED, { id, overlay } satisfies Wanted)
    if (!(await isLed())) return notYet('no process with the role control is running: it is done when one starts')
    const deadline = now() + WITHIN_MS
    while (now() < deadline) {
      const done = (await states.read(DONE))?.body as Done | undefined
      if (done?.id === id) return done.answer
      await delay(EVERY_MS)
    }
    return notYet(`the process that controls Traefik has not done it within ${WITHIN_MS / 1000} s; it stays asked for`)
  }
  const asked = (overlay: 'on' | 'off') =>
    ask(overlay).catch((error: unknown) => {
      throw new HttpProblem('unavailable', `overlays cannot be switched ${overlay} from here: ${messageOf(error)}`)
    })
  return { off: () => asked('off'), on: () => asked('on') }
}

/** The side that carries it out; `look` when there may be news. */
export function takeOverlayCommands(options: {
  states: ControlStateStore
  overlay: Overlay
  log: Pick<Log, 'info' | 'debug'>
}): { look(): void } {
  const { states, overlay, log } = options
  let seen: string | undefined
  const take = async () => {
    const fresh = await states.read(WANTED, seen)
    if (!fresh) return
    const wanted = fresh.body as Wanted
    const done = (await states.read(DONE))?.body as Done | undefined
    if (done?.id !== wanted.id) {
      log.info({ overlay: wanted.overlay }, 'another process was asked to switch the overlays')
      await states.write(DONE, { id: wanted.id, answer: await overlay[wanted.overlay]() } satisfies Done)
    }
    seen = fresh.at
  }
  return {
    look: lookInTurn(take, (error) =>
      log.debug({ error: messageOf(error) }, 'what is asked of overlays is read again later'),
    ),
  }
}
