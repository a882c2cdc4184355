// kafkajs's queue of requests: no timer while nothing waits, and what waits still goes out.
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import '../../collector/kafka/idle-timers.ts'

type Queue = {
  scheduleRequestTimeoutCheck(): void
  push(request: { entry: object; expectResponse: boolean; sendRequest: () => void }): void
  fulfillRequest(answer: { correlationId: number; payload: null; size: number }): void
  maybeThrottle(pauseMs: number): void
  destroy(): void
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: Record<string, unknown>,
) => Queue

let queue: Queue
let sent: number[]

beforeEach(() => {
  jest.useFakeTimers()
  const log = () => {}
  const logger = { debug: log, info: log, warn: log, error: log }
  queue = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 10_000,
    enforceRequestTimeout: true,
    clientId: 'test',
    broker: 'one',
    logger,
  })
  sent = []
})

afterEach(() => {
  queue.destroy()
  jest.useRealTimers()
})

const push = (correlationId: number, reject = () => {}) =>
  queue.push({
    entry: { correlationId, resolve: () => {}, reject },
    expectResponse: true,
    sendRequest: () => void sent.push(correlationId),
  })
const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: null, size: 0 })

describe('kafkajs while nothing waits', () => {
  it('sets no timer after a request was answered', () => {
    push(1)
    answer(1)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('sends what waited for room as soon as there is some, and is quiet again', () => {
    push(1)
    push(2)
    expect(sent).toEqual([1])
    answer(1)
    expect(sent).toEqual([1, 2])
    answer(2)
    jest.advanceTimersByTime(20)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('sends what waited for the pause that a broker asked for, when it is over', () => {
    queue.maybeThrottle(500)
    push(1)
    jest.advanceTimersByTime(499)
    expect(sent).toEqual([])
    jest.advanceTimersByTime(20)
    expect(sent).toEqual([1])
  })

  it('gives up a request within a second of its time-out', () => {
    queue.scheduleRequestTimeoutCheck()
    let isRejected = false
    push(1, () => {
      isRejected = true
    })
    jest.advanceTimersByTime(10_000)
    expect(isRejected).toBe(false)
    jest.advanceTimersByTime(1_000)
    expect(isRejected).toBe(true)
  })
})
