import { describe, expect, it } from '@jest/globals'
import { ticketFilter } from '../../../collector/local-stack/demo/ticket-filter.ts'

describe('ticketFilter', () => {
  it.each([
    ['nothing', {}, [], []],
    ['one status', { status: 'open' }, ['open'], []],
    ['a repeated status', { status: ['open', 'pending'] }, ['open', 'pending'], []],
    ['a nested status', { filter: { status: 'open' } }, ['open'], []],
    ['a list of labels', { label: ['billing', 'mail'] }, [], ['billing', 'mail']],
    ['a name that was never parsed', { 'filter[status]': 'open', 'label[]': 'billing' }, [], []],
    ['values that are no text', { status: [{ a: 1 }, 3, null], filter: ['x'], label: { b: 2 } }, [], []],
  ])('reads %s', (_, fields, statuses, labels) => {
    expect(ticketFilter(fields)).toEqual({ statuses, labels })
  })
})
