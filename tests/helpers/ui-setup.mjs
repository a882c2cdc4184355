// Jest's global set-up for the UI's project: JavaScript, because Jest loads it by itself; Node runs the TypeScript.
import { setUp } from '../ui/ui-stack.ts'

export default setUp
