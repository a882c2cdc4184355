import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type NamedService, pairByName, traefikName } from '../../plugin-config/pairing-by-name.ts'
import { cpuMs } from '../helpers/cpu-clock.ts'

/** A container whose Compose service and project are known, without a service label. */
const container = (service: string, project: string): NamedService => ({
  name: `${traefikName(`${service}_${project}`)}@docker`,
  plain: traefikName(service),
  project,
})
const named = (name: string): NamedService => ({ name })

/** `shadow → primary as variant`, or `shadow: state`. */
const told = (services: (string | NamedService)[]) =>
  pairByName(services.map((each) => (typeof each === 'string' ? named(each) : each))).map((pair) =>
    pair.state === 'paired' ? `${pair.shadow} → ${pair.primary} as ${pair.variant}` : `${pair.shadow}: ${pair.state}`,
  )

describe('pairing by name', () => {
  it.each<[string, (string | NamedService)[], string[]]>([
    ['a shadow with its primary', ['x@docker', 'x-shadow@docker'], ['x-shadow@docker → x@docker as shadow']],
    [
      'several variants',
      ['x@file', 'x-shadow@file', 'x-shadow-pr-12@file'],
      ['x-shadow@file → x@file as shadow', 'x-shadow-pr-12@file → x@file as shadow-pr-12'],
    ],
    ['a primary called -prod', ['x-prod@docker', 'x-shadow@docker'], ['x-shadow@docker → x-prod@docker as shadow']],
    [
      'the plain name rather than -prod',
      ['x@docker', 'x-prod@docker', 'x-shadow@docker'],
      ['x-shadow@docker → x@docker as shadow'],
    ],
    ['services of another provider', ['x@docker', 'x-shadow@file'], ['x-shadow@file → x@docker as shadow']],
    [
      'its own provider rather than another',
      ['x@consulcatalog', 'x@docker', 'x-shadow@docker'],
      ['x-shadow@docker → x@docker as shadow'],
    ],
    ['two of other providers', ['x@consulcatalog', 'x@docker', 'x-shadow@file'], ['x-shadow@file: ambiguous']],
    ['a shadow alone', ['x-shadow@docker'], ['x-shadow@docker: unpaired']],
    ['nothing', [], []],
    ['services without shadows', ['x@docker', 'shadow@docker', 'shadowing@docker', 'x-shadows@docker'], []],
    ['a word that only ends alike', ['x@docker', 'x-shadowed@docker'], []],
    ["Traefik's own and ours", ['api@internal', 'api-shadow@internal', 'understudy-x-shadow@file'], []],
    [
      'a shadow of a service that has shadow in its name',
      ['my-shadow-tool@docker', 'my-shadow-tool-shadow@docker'],
      ['my-shadow-tool@docker: unpaired', 'my-shadow-tool-shadow@docker → my-shadow-tool@docker as shadow'],
    ],
    [
      'a shadow is no primary',
      ['x@docker', 'x-shadow@docker', 'x-shadow-shadow@docker'],
      ['x-shadow@docker → x@docker as shadow', 'x-shadow-shadow@docker → x@docker as shadow-shadow'],
    ],
    [
      'capitals and dots in a variant',
      ['X.y@file', 'X.y-shadow-Pr.1@file'],
      ['X.y-shadow-Pr.1@file → X.y@file as shadow-pr-1'],
    ],
  ])('%s', (_what, services, expected) => {
    expect(told(services).toSorted()).toEqual(expected.toSorted())
  })
})

describe('pairing containers without a service label', () => {
  it.each<[string, (string | NamedService)[], string[]]>([
    [
      'takes the project off',
      [container('x', 'shop'), container('x-shadow', 'shop')],
      ['x-shadow-shop@docker → x-shop@docker as shadow'],
    ],
    [
      'keeps a variant apart from the project',
      [container('x', 'shop'), container('x-shadow-v2', 'shop')],
      ['x-shadow-v2-shop@docker → x-shop@docker as shadow-v2'],
    ],
    [
      'pairs with a labelled name',
      ['x@docker', container('x-shadow', 'branch')],
      ['x-shadow-branch@docker → x@docker as shadow'],
    ],
    [
      'stays within its project',
      [container('x', 'a'), container('x-shadow', 'a'), container('x', 'b'), container('x-shadow', 'b')],
      ['x-shadow-a@docker → x-a@docker as shadow', 'x-shadow-b@docker → x-b@docker as shadow'],
    ],
    [
      'takes the only primary of another project',
      [container('x', 'prod'), container('x-shadow-pr1', 'branch')],
      ['x-shadow-pr1-branch@docker → x-prod@docker as shadow-pr1'],
    ],
    [
      'does not choose among projects',
      [container('x', 'a'), container('x', 'b'), container('x-shadow', 'c')],
      ['x-shadow-c@docker: ambiguous'],
    ],
    [
      "lets the primary's own project have the variant",
      [container('x', 'a'), container('x-shadow', 'a'), container('x-shadow', 'b')],
      ['x-shadow-a@docker → x-a@docker as shadow', 'x-shadow-b@docker: ambiguous'],
    ],
    [
      'reads names as Traefik makes them',
      [container('my_x', 'my_shop'), container('my_x-shadow', 'my_shop')],
      ['my-x-shadow-my-shop@docker → my-x-my-shop@docker as shadow'],
    ],
    // Without a connection to Docker the project is not known.
    [
      'finds the project where one primary fits',
      ['x-shop@docker', 'x-shadow-shop@docker'],
      ['x-shadow-shop@docker → x-shop@docker as shadow'],
    ],
    [
      'finds a project of two words, and a variant before it',
      ['x-my-shop@docker', 'x-shadow-v2-my-shop@docker'],
      ['x-shadow-v2-my-shop@docker → x-my-shop@docker as shadow-v2'],
    ],
    [
      'tells where the last word may be a variant or a project',
      ['x@docker', 'x-v2@docker', 'x-shadow-v2@docker'],
      ['x-shadow-v2@docker: ambiguous'],
    ],
    ['sees no project in names of other providers', ['x-v2@file', 'x-shadow-v2@file'], ['x-shadow-v2@file: unpaired']],
    [
      'finds -prod in the project too',
      ['x-prod-shop@docker', 'x-shadow-shop@docker'],
      ['x-shadow-shop@docker → x-prod-shop@docker as shadow'],
    ],
  ])('%s', (_what, services, expected) => {
    expect(told(services).toSorted()).toEqual(expected.toSorted())
  })
})

describe('what is told', () => {
  it('says why and who else, where a pair is not certain', () => {
    expect(pairByName([named('a@x'), named('a@y'), named('a-shadow@z')])).toEqual([
      {
        shadow: 'a-shadow@z',
        primary: null,
        variant: 'shadow',
        state: 'ambiguous',
        reason: 'may be a shadow of a@x or of a@y: rename one, or write a route',
        candidates: ['a@x', 'a@y'],
      },
    ])
    expect(pairByName([named('a-shadow@z')])[0]?.reason).toBe('Traefik has no service a or a-prod')
    const twins = pairByName([named('a@x'), named('a-shadow@y'), named('a-shadow@z')])
    expect(twins.map(({ reason }) => reason)).toEqual([
      'is shadow of a@x, and so is a-shadow@z: rename one to a-shadow-<variant>',
      'is shadow of a@x, and so is a-shadow@y: rename one to a-shadow-<variant>',
    ])
  })

  it('pairs no service with itself, none twice, and no shadow as a primary, whatever the names', () => {
    const word = fc.constantFrom('x', 'y', 'shadow', 'prod', 'v2')
    const name = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 5 }), fc.constantFrom('docker', 'file'))
      .map(([words, provider]) => `${words.join('-')}@${provider}`)
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
        const pairs = pairByName(names.map(named))
        const paired = pairs.filter(({ state }) => state === 'paired')
        const shadows = new Set(paired.map(({ shadow }) => shadow))
        expect(new Set(pairs.map(({ shadow }) => shadow)).size).toBe(pairs.length)
        expect(new Set(paired.map(({ primary, variant }) => `${primary} ${variant}`)).size).toBe(paired.length)
        for (const { primary, variant } of paired) {
          expect(names).toContain(primary)
          expect(shadows.has(primary ?? '')).toBe(false)
          expect(variant).toMatch(/^shadow[a-z0-9-]*$/)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes a thousand services in a moment', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => [
      named(`service-${index}-project@docker`),
      named(`service-${index}-shadow-project@docker`),
    ]).flat()
    const startedAt = cpuMs()
    expect(pairByName(names).filter(({ state }) => state === 'paired')).toHaveLength(1_000)
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })
})
