// `npm run docker:up -- [profile …]`: the production stack on a real engine, left running.
import process from 'node:process'
import { messageOf } from '../../errors.ts'
import type { Finding } from '../parts/finding.ts'
import { findCompose } from './compose.ts'
import { engineHome, findEngine } from './engine.ts'
import { createPartImages } from './part-images.ts'
import { bringUp, prepareStack } from './production-stack.ts'

const PROFILES = ['demo', 'observability']
const WITHIN_SECONDS = 180

const env = process.env
const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort(new Error('stopped by Ctrl-C')))
const progress = (message: string) => void process.stderr.write(`  ${message}\n`)

try {
  const args = process.argv.slice(2)
  const isEngineOnly = args.includes('--engine-only')
  const profiles = args.filter((argument) => !argument.startsWith('--'))
  const unknown = profiles.filter((profile) => !PROFILES.includes(profile))
  if (unknown.length > 0)
    throw new Error(`there is no profile ${unknown.join(', ')}: expected ${PROFILES.join(' or ')}`)
  const engine = await obtain(findEngine(env, { keepRunning: true }))
  if (!isEngineOnly) {
    const compose = await obtain(findCompose(engine.env))
    // An engine of ours can pull nothing on a machine without a registry; another one pulls what the file names.
    const isOurs = engine.host === `unix://${engineHome(env).socket}` || args.includes('--local-images')
    const images = isOurs ? createPartImages(engine, progress, stopping.signal) : undefined
    const stack = await prepareStack({ engine, compose, images, profiles, progress })
    await bringUp(stack, WITHIN_SECONDS)
    const port = (name: string, fallback: string) => env[name] || fallback
    process.stderr.write(
      [
        `Traefik    http://127.0.0.1:${port('UNDERSTUDY_WEB_PORT', '80')}`,
        `Understudy http://127.0.0.1:${port('UNDERSTUDY_ADMIN_PORT', '8081')}  (no login from this machine; elsewhere the token in .secrets/admin-token)`,
        'It keeps running: `npm run docker:down` ends it and keeps the data',
        '',
      ].join('\n'),
    )
  }
  process.stdout.write(`DOCKER_HOST=${engine.host}\n`)
  process.exit(0)
} catch (error) {
  process.stderr.write(`understudy: ${messageOf(error)}\n`)
  process.exit(1)
}

async function obtain<Part>(finding: Promise<Finding<Part>>): Promise<Part> {
  const found = await finding
  if (found.state === 'missing') throw new Error(found.line)
  return found.state === 'ready' ? found.part : found.fetch(progress, stopping.signal)
}
