import { setTimeout as pause } from 'node:timers/promises'

/** Resolves once `condition` holds; looks every 10 ms. @throws after `timeoutMs`, with the condition's text */
export async function waitUntil(condition: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${condition}`)
    await pause(10)
  }
}
