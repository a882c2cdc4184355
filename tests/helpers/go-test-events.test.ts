import { describe, expect, it } from '@jest/globals'
import { goTestReader, yaegiTestReader } from './go-test-events.ts'

const event = (Action: string, Test?: string, Output?: string) =>
  JSON.stringify({
    Action,
    Package: 'github.com/understudy-proxy/tap',
    ...(Test && { Test }),
    ...(Output && { Output }),
  })

describe('goTestReader', () => {
  it('counts leaves and shows only what failed', () => {
    const reader = goTestReader()
    const shown = [
      event('output', 'TestA/one', 'fine\n'),
      event('pass', 'TestA/one'),
      event('output', 'TestA/two', 'broken\n'),
      event('fail', 'TestA/two'),
      event('fail', 'TestA'),
      event('pass', 'TestB'),
      event('skip', 'TestC'),
      event('output', undefined, 'FAIL\tgithub.com/understudy-proxy/tap\t0.1s\n'),
    ].map((line) => reader.read(line))
    expect(shown.join('')).toBe('broken\nFAIL\tgithub.com/understudy-proxy/tap\t0.1s\n')
    expect(reader.tally(1)).toEqual({ passed: 2, failed: 1, skipped: 1 })
  })

  it('counts code that does not build as one failure and shows why', () => {
    const reader = goTestReader()
    expect(reader.read(event('build-output', undefined, './tap.go:3: undefined: x\n'))).toContain('undefined: x')
    expect(reader.tally(1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('yaegiTestReader', () => {
  it('counts the lines that say how a test ended', () => {
    const reader = yaegiTestReader()
    const lines = [
      '=== RUN   TestA',
      '--- PASS: TestA (0.00s)',
      '    --- FAIL: TestB/one (0.01s)',
      '--- FAIL: TestB (0.01s)',
    ]
    expect(lines.map((line) => reader.read(line)).join('')).toBe(
      '    --- FAIL: TestB/one (0.01s)\n--- FAIL: TestB (0.01s)\n',
    )
    expect(reader.tally(1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })
})
