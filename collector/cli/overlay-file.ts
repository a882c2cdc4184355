// `understudy off` without a collector: takes the overlay routers out of the rendered file and leaves the plain ones,
// which a route to a URL needs. Traefik's own routers then answer. Written whole, by one rename.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { parseDocument, YAMLMap } from 'yaml'

/** Removes every overlay router in `path` and returns how many there were. @throws what the file system or YAML says */
export function removeOverlays(path: string): number {
  const document = parseDocument(readFileSync(path, 'utf8'), { maxAliasCount: 0 } as object)
  if (document.errors[0]) throw document.errors[0]
  const routers = document.getIn(['http', 'routers'])
  if (!(routers instanceof YAMLMap)) return 0
  const overlays = routers.items
    .map((item) => String(item.key))
    .filter((name) => /^understudy-.+-overlay(\.\d+)?$/.test(name))
  if (overlays.length === 0) return 0
  for (const name of overlays) routers.delete(name)
  if (routers.items.length === 0) document.deleteIn(['http', 'routers'])
  writeWhole(path, document.toString({ lineWidth: 0 }))
  return overlays.length
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`
  try {
    const file = openSync(temporary, 'wx', 0o644)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
