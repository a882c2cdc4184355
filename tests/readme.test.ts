import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { settings } from '../collector/config.ts'
import { topicNames } from '../collector/kafka/topics.ts'
import { stackPorts } from '../collector/local-stack/stack-options.ts'
import { labelTable } from '../plugin-config/label-table.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const section = (name: string) => readme.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim()

/** The settings table as it has to stand in README. */
function settingsTable(): string {
  const rows = Object.values(settings).map(
    ({ name, fallback, what }) => `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${what} |`,
  )
  return ['| setting | default | what |', '|---|---|---|', ...rows].join('\n')
}

describe('README', () => {
  it('lists every setting with its default', () => {
    expect(section('settings')).toBe(settingsTable())
  })

  it('lists every label', () => {
    const place = { route: 'primary or shadow', each: 'each', shadow: 'shadow' }
    const rows = labelTable.map(
      ({ label, on, example, what }) => `| \`understudy.${label}\` | ${place[on]} | \`${example}\` | ${what} |`,
    )
    expect(section('labels')).toBe(['| label | on | example | what |', '|---|---|---|---|', ...rows].join('\n'))
  })

  it('names every topic and npm script that it relies on', () => {
    for (const topic of Object.values(topicNames('understudy'))) expect(readme).toContain(`\`${topic}\``)
    const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    for (const script of ['start', 'test', 'bench', 'check']) expect(scripts[script]).toEqual(expect.any(String))
  })

  it('names the ports that are published', () => {
    for (const name of ['web', 'http'] as const) expect(readme).toContain(`:${stackPorts[name].fallback}`)
  })

  it('links only to files that exist', () => {
    for (const [, link] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      expect(() => readFileSync(new URL(`../${link}`, import.meta.url))).not.toThrow(/ENOENT/)
  })
})
