// The two versions of Express that the demo runs on.
import type expressFunction from 'express'

/** `express` as either version exports it; the types are version 5's, which the demo keeps to. */
export type ExpressModule = typeof expressFunction

/** Express 4 is installed under an alias. */
const packages = { 4: 'express4', 5: 'express' }

export type ExpressVersion = keyof typeof packages

export async function loadExpress(version: ExpressVersion): Promise<ExpressModule> {
  const loaded = (await import(packages[version])) as { default: ExpressModule }
  return loaded.default
}
