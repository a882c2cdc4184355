import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { needCommand } from '../helpers/debian-command.ts'

const PROMETHEUS = resolve(import.meta.dirname, '../../grafana/prometheus')
const withPromtool = needCommand('promtool', 'prometheus') ? it : it.skip

describe('Prometheus itself', () => {
  withPromtool('accepts the configuration with its rules', () => {
    const said = execFileSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: PROMETHEUS, encoding: 'utf8' })
    expect(said).toContain('12 rules found')
    expect(said).toContain('3 rules found')
  })

  withPromtool('fires each alert in its case, and keeps still in the others', () => {
    const said = execFileSync('promtool', ['test', 'rules', 'alerts.test.yml'], { cwd: PROMETHEUS, encoding: 'utf8' })
    expect(said).toContain('SUCCESS')
  })
})
