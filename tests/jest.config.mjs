// Four projects, run one after the other by tests/run.ts. Unit tests touch no network and no real part.
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** What all projects share; a project adds its name, its tests and its time limit. */
const shared = {
  rootDir: root,
  roots: ['<rootDir>/tests'],
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/helpers/strip-types-transform.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/.understudy/'],
  injectGlobals: false,
}

const realParts = {
  globalSetup: '<rootDir>/tests/helpers/real-parts-setup.mjs',
  globalTeardown: '<rootDir>/tests/helpers/real-parts-teardown.mjs',
}

export default {
  rootDir: root,
  // Jest takes a time limit for all projects only; a unit test that needs seconds is told by its own duration. It is the
  // sum of what a test may wait for, on a machine that has little to give: never the expected time.
  testTimeout: 300_000,
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '/tests/integration/',
        '/tests/e2e/',
        '/tests/docker/',
        '/tests/ui/[^/]+$',
      ],
    },
    {
      ...shared,
      ...realParts,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/integration/**/*.test.ts'],
    },
    {
      ...shared,
      ...realParts,
      displayName: 'e2e',
      testMatch: ['<rootDir>/tests/e2e/**/*.test.ts'],
    },
    {
      ...shared,
      globalSetup: '<rootDir>/tests/helpers/ui-setup.mjs',
      globalTeardown: '<rootDir>/tests/helpers/ui-teardown.mjs',
      displayName: 'ui',
      testMatch: ['<rootDir>/tests/ui/*.test.ts'],
    },
    {
      ...shared,
      globalSetup: '<rootDir>/tests/helpers/docker-setup.mjs',
      globalTeardown: '<rootDir>/tests/helpers/docker-teardown.mjs',
      displayName: 'docker',
      testMatch: ['<rootDir>/tests/docker/**/*.test.ts'],
    },
  ],
}
