// Jest's global teardown: ends what real-parts-setup.mjs started.
import { existsSync } from 'node:fs'

const TEARDOWN = new URL('../integration/global-teardown.ts', import.meta.url)

export default async function tearDown(globalConfig, projectConfig) {
  if (!existsSync(TEARDOWN)) return
  const { default: stop } = await import(TEARDOWN.href)
  await stop(globalConfig, projectConfig)
}
