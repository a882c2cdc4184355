// kafkajs 2.2.4 looks for waiting requests by a timer that it sets again and again although nothing waits: since its
// time lies in the past, Node fires each after a millisecond, 800 times a second for every connection (its issue 1704;
// measured: 2 % of a core on an idle collector). Here it is set where there is something to look for. kafkajs is pinned
// and no longer changes; import this before a client is made. The same holds for its look for requests that are overdue:
// ten times a second on every connection, for time-outs of ten seconds.
import { original } from './module-swap.ts'

type RequestQueue = {
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>
  requestTimeout: number
  enforceRequestTimeout: boolean
  requestTimeoutIntervalId: NodeJS.Timeout | undefined
  isConnected(): boolean
  destroy(): void
  scheduleRequestTimeoutCheck(): void
  throttledUntil: number
  pending: unknown[]
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

/** As kafkajs's own `CHECK_PENDING_REQUESTS_INTERVAL`. */
const CHECK_EVERY_MS = 10
const OVERDUE_EVERY_MS = 1_000

const { prototype } = original<{ prototype: RequestQueue }>('network/requestQueue/index.js')

/** Every answer looks too; the timer is for a broker that asked for a pause, and for safety. */
prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return
  const pauseMs = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    pauseMs > 0 ? pauseMs : CHECK_EVERY_MS,
  )
}

prototype.scheduleRequestTimeoutCheck = function scheduleRequestTimeoutCheck(this: RequestQueue) {
  if (!this.enforceRequestTimeout) return
  this.destroy()
  this.requestTimeoutIntervalId = setInterval(
    () => {
      for (const request of [...this.inflight.values()])
        if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest()
      if (!this.isConnected()) this.destroy()
    },
    Math.min(this.requestTimeout, OVERDUE_EVERY_MS),
  )
}
