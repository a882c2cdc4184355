// Control traffic, as Traefik really sends it with what is rendered.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type ShareStage, startShareStage } from '../helpers/share-stage.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let stage: ShareStage
beforeAll(async () => {
  stage = await startShareStage()
})
beforeEach(() => stage.clear())
afterAll(async () => stage?.stop())

const again = () => stage.seen.primary.filter(({ headers }) => headers['x-shadow-request'] === 'true')

/** The tests are one story: the second goes on with what the first has learned. */
describe('the control', () => {
  it('gets the first requests of a generation, then its part, and never a write', async () => {
    await stage.apply({ operations: ['POST /app/search'], control: { percent: 0.0001, learn: 20, rate: 0 } })
    for (let count = 0; count < 30; count++) {
      await stage.ask('/app/a')
      await stage.ask('/app/search', { method: 'POST', body: 'q=1' })
    }
    const { records } = stage
    await waitUntil(() => records.length >= 60 + 60 + 20, { what: 'the records of all sides' })
    expect(again().map(({ method }) => method)).toEqual(Array(20).fill('GET'))
    expect(stage.seen.shadow).toHaveLength(60)
    const announced = records.filter(({ side, expects }) => side === 'primary' && expects.includes('control'))
    const controls = records.filter(({ side }) => side === 'control')
    expect(announced).toHaveLength(20)
    expect(new Set(controls.map(({ id }) => id))).toEqual(new Set(announced.map(({ id }) => id)))
    expect(controls.every(({ variant, response }) => variant === 'control' && response?.status === 200)).toBe(true)
  })

  it('goes on where it was over a change of the methods, and begins again for another shadow', async () => {
    await stage.apply({ control: { percent: 0.0001, learn: 20, rate: 0 }, methods: ['GET'] })
    for (let count = 0; count < 10; count++) await stage.ask('/app/b')
    await waitUntil(() => stage.seen.shadow.length === 10, { what: 'the copies' })
    expect(again()).toHaveLength(0)
    const shadows = [{ name: 'shadow', url: stage.urls.other }]
    await stage.apply({ control: { percent: 0.0001, learn: 5, rate: 0 }, shadows })
    for (let count = 0; count < 10; count++) await stage.ask('/app/c')
    await waitUntil(() => stage.seen.other.length === 10 && again().length === 5, { what: 'five to the control' })
  })
})
