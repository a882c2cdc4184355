// Jest's global teardown for the UI's project: ends what ui-setup.mjs started.
import { tearDown } from '../ui/ui-stack.ts'

export default tearDown
