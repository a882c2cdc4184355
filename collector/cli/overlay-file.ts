// `understudy off` without a collector: takes the overlay routers out of the rendered file and leaves the plain ones,
// which a route to a URL needs. Traefik's own routers then answer. Written whole, by one rename.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDocument, YAMLMap } from 'yaml'

/** What a collector looks for when it starts; Traefik reads no such name. */
const offMarker = '.understudy.off'

/**
 * Removes every overlay router in `path`, keeps a collector that starts from putting them back, and returns how many
 * there were. `at` is told to whoever opens the marker. @throws what the file system or YAML says
 */
export function removeOverlays(path: string, at: string): number {
  const document = parseDocument(readFileSync(path, 'utf8'))
  if (document.errors[0]) throw document.errors[0]
  const marker = `Overlays were switched off at ${at}. \`npm run -s understudy -- on\` puts them back.\n`
  writeWhole(join(dirname(path), offMarker), marker)
  const routers = document.getIn(['http', 'routers'])
  if (!(routers instanceof YAMLMap)) return 0
  const names = routers.items.map(({ key }) => String(key))
  const overlays = names.filter((name) => /^understudy-.+-overlay(\.\d+)?$/.test(name))
  if (overlays.length === 0) return 0
  // Those below an overlay whose share goes by user, too: without it they lead nowhere.
  const below = names.filter((name) => /^understudy-.+-overlay(\.\d+)?\.(sampled|rest)$/.test(name))
  for (const name of [...overlays, ...below]) routers.delete(name)
  if (routers.items.length === 0) document.deleteIn(['http', 'routers'])
  writeWhole(path, document.toString({ lineWidth: 0 }))
  return overlays.length
}

/** Lets a collector that starts put overlays back. */
export function allowOverlays(path: string): void {
  rmSync(join(dirname(path), offMarker), { force: true })
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
