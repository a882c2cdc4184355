// Ends what global-setup.ts started; parts that a developer named in the environment stay.
import { stopSharedParts } from './shared-parts.ts'

export default async function tearDown(): Promise<void> {
  await stopSharedParts()
}
