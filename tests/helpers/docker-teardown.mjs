// Ends the engine when docker-setup.mjs has started it; one that ran before goes on.
export default async function tearDown() {
  await globalThis.understudyTestEngine?.stop()
}
