// `npm run docker:down`: ends the production stack, and the engine where docker:up has started it. `-- --volumes`
// forgets the data too.
import process from 'node:process'
import { messageOf } from '../../errors.ts'
import { findCompose } from './compose.ts'
import { engineHome, findEngine, stopKeptEngine } from './engine.ts'
import { prepareStack } from './production-stack.ts'

const env = process.env
try {
  const engine = await findEngine(env)
  if (engine.state === 'ready') {
    const compose = await findCompose(engine.part.env)
    if (compose.state === 'ready') {
      const options = { engine: engine.part, compose: compose.part, images: undefined, progress: () => {} }
      const stack = await prepareStack({ ...options, profiles: ['demo', 'observability'] })
      const { code, output } = await stack.compose(['down', ...process.argv.slice(2)])
      if (code !== 0) throw new Error(`docker compose down: ${output.trim().split('\n').at(-1)}`)
    }
    if (engine.part.host === `unix://${engineHome(env).socket}`) await stopKeptEngine(env)
  }
  process.stderr.write('stopped; volumes are kept unless --volumes was said\n')
} catch (error) {
  process.stderr.write(`understudy: ${messageOf(error)}\n`)
  process.exit(1)
}
