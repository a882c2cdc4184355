// Jest's global set-up for the projects that need Kafka and PostgreSQL. It is JavaScript because Jest loads it by
// itself; the TypeScript behind it is then run by Node.
import { existsSync } from 'node:fs'

const SETUP = new URL('../integration/global-setup.ts', import.meta.url)

export default async function setUp(globalConfig, projectConfig) {
  if (!existsSync(SETUP)) return
  const { default: start } = await import(SETUP.href)
  await start(globalConfig, projectConfig)
}
