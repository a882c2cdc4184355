// Jest's transform for `.ts`: what Node itself does when it runs such a file, so tests see the same code.
import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'

function process(source, filename) {
  return { code: stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: filename }) }
}

/** Types are replaced by spaces, so positions stay right and no source map is needed. */
function getCacheKey(source, filename) {
  return createHash('sha256').update([globalThis.process.version, filename, source].join('\0')).digest('hex')
}

const transform = { process, processAsync: async (source, filename) => process(source, filename), getCacheKey }

// Jest loads a transform by its default export.
export default transform
