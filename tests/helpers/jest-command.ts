// How this project calls Jest: one place for the flags that its ESM needs.
import { resolve } from 'node:path'

export type JestProject = 'unit' | 'integration' | 'e2e' | 'ui' | 'docker'

const ROOT = resolve(import.meta.dirname, '../..')

/** Real parts are shared and the CI machine has two cores: their tests run one file at a time. */
const WORKERS: Record<JestProject, string[]> = {
  unit: ['--maxWorkers=2'],
  integration: ['--runInBand'],
  e2e: ['--runInBand'],
  ui: ['--runInBand'],
  docker: ['--runInBand', '--testTimeout=900000'],
}

/**
 * Arguments for `node` to run one Jest project.
 * The two silenced warnings say nothing new: that Jest's ESM support is experimental, and kafkajs's negative time-outs.
 */
export function jestArguments(project: JestProject): string[] {
  return [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    resolve(ROOT, 'node_modules/jest/bin/jest.js'),
    `--config=${resolve(ROOT, 'tests/jest.config.mjs')}`,
    `--selectProjects=${project}`,
    ...WORKERS[project],
  ]
}
