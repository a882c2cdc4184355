// What the set-up hands to the teardown: both run in Jest's own process.
import type { SharedParts } from '../helpers/real-parts.ts'

let shared: SharedParts | undefined

export function keepSharedParts(parts: SharedParts): void {
  shared = parts
}

export async function stopSharedParts(): Promise<void> {
  await shared?.stop()
  shared = undefined
}
