// Jest's global set-up for tests/docker: one engine for the run. JavaScript, because Jest loads it by itself.
export default async function setUp() {
  const { findEngine } = await import('../../collector/local-stack/docker/engine.ts')
  const { obtain } = await import('./docker.ts')
  const engine = await obtain(findEngine(process.env))
  process.env.DOCKER_HOST = engine.host
  // The teardown runs in this same process.
  globalThis.understudyTestEngine = engine
}
