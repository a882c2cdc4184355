import { describe, expect, it } from '@jest/globals'
import { trafficCommand } from '../../../collector/ui/parts/traffic-command.ts'

const proxy = 'http://127.0.0.1:8000'
const command = (rule?: string) =>
  trafficCommand(rule === undefined ? {} : { rule }, proxy).replace('for i in $(seq 20); do curl -s -o /dev/null ', '')

describe('the command that makes traffic', () => {
  it.each<[string | undefined, string]>([
    [undefined, `${proxy}/; done`],
    ['PathPrefix(`/api/ticketing`)', `${proxy}/api/ticketing; done`],
    ['Host(`shop.example`) && PathPrefix(`/a`)', `-H 'Host: shop.example' ${proxy}/a; done`],
    ['!PathPrefix(`/internal`) && Path(`/x y`)', `'${proxy}/x y'; done`],
    ['!Host(`a`)', `${proxy}/; done`],
    ["PathPrefix(`/a'; rm -rf $HOME`)", `'${proxy}/a'\\''; rm -rf $HOME'; done`],
  ])('%s', (rule, text) => {
    expect(command(rule)).toBe(text)
  })

  it.each([
    [100, 20],
    [10, 200],
    [0.01, 2000],
  ])('makes about 20 pairs at a share of %d %%: %d requests', (share, times) => {
    expect(trafficCommand({ share }, proxy)).toContain(`seq ${times}`)
  })
})
