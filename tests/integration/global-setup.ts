// Starts the parts that all tests of a run share. Jest hands the environment on to its workers.
import { startContainerParts } from '../helpers/container-parts.ts'
import { startSharedParts } from '../helpers/real-parts.ts'
import { keepSharedParts } from './shared-parts.ts'

export default async function setUp(): Promise<void> {
  const inContainers = process.env.UNDERSTUDY_TEST_SERVICES === 'containers'
  const parts = await (inContainers ? startContainerParts() : startSharedParts())
  keepSharedParts(parts)
  process.env.UNDERSTUDY_TEST_KAFKA = parts.kafka
  process.env.UNDERSTUDY_TEST_POSTGRES = parts.postgres
}
