// Puts a module of ours in the place of one inside kafkajs, which is pinned and no longer changes. To be done before
// kafkajs itself is loaded: what has read the original by then would go on using it.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const fileOf = (path: string) => require.resolve(`kafkajs/src/${path}`)

/** The original, as it is or to be changed in place. It may stand in a swap: it loads only what it needs itself. */
export function original<T>(path: string): T {
  return require(fileOf(path)) as T
}

export function swap(path: string, exports: unknown): void {
  if (require.cache[require.resolve('kafkajs')]?.loaded)
    throw new Error(`kafkajs was loaded before what takes the place of ${path}`)
  const file = fileOf(path)
  require.cache[file] = Object.assign(Object.create(null) as NodeJS.Module, {
    id: file,
    filename: file,
    loaded: true,
    exports,
    children: [],
    paths: [],
  })
}
