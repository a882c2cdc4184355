import { describe, expect, it } from '@jest/globals'
import { routesText } from '../../collector/local-stack/routes-text.ts'
import { demoRoute } from '../../collector/local-stack/stack-options.ts'
import { routeDefaults } from '../../plugin-config/route.ts'
import { parseRoutesFile } from '../../plugin-config/routes-file.ts'

const reread = (text: string) => {
  const parsed = parseRoutesFile(text, 'understudy.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.routes
}

describe('the routes file that npm start writes', () => {
  it('reads back as the route it was written from, although a file has other defaults', () => {
    const demo = demoRoute('http://127.0.0.1:3000', 'http://127.0.0.1:3001')
    expect(reread(routesText(demo))).toEqual([demo])
  })

  it('keeps a rule with quotes, backticks and a hash as it is', () => {
    const rule = 'Host(`a.b`) && Header(`X-Y`, `it\'s "so": #1`) || Path(`/c`)'
    const servers = {
      primary: { url: 'http://127.0.0.1:1' },
      shadows: [{ name: 'shadow', url: 'http://127.0.0.1:2', sandbox: false }],
    }
    expect(reread(routesText({ ...routeDefaults('flags'), name: 'default', rule, ...servers }))[0]?.rule).toBe(rule)
  })
})
