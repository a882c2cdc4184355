import { describe } from '@jest/globals'
import { contractStore, describeReader } from './comparison-reader-contract.ts'
import { createFakeReader } from './fake-comparison-reader.ts'

describe('the fake comparison reader', () => {
  const reader = createFakeReader(contractStore())
  describeReader(() => reader)
})
