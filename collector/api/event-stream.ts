// Server-sent events to one client: bounded, with a heartbeat; what a slow reader misses is counted and told.
import type { Response } from 'express'

export type EventStream = { send(event: string, data: unknown): void; end(): void }

const bufferBytes = 256 * 1024
const heartbeatMs = 15_000

/** Begins the stream; `onEnd` is called once, whoever ended it. */
export function openEventStream(response: Response, onEnd: () => void): EventStream {
  let dropped = 0
  let ended = false
  response
    .status(200)
    .set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
  response.flushHeaders()
  // A comment keeps proxies from closing the connection, and finds a client that is gone.
  const heartbeat = setInterval(() => {
    if (response.writableLength < bufferBytes) response.write(': heartbeat\n\n')
  }, heartbeatMs)
  response.on('drain', tellDropped)
  response.on('error', end)
  response.on('close', end)

  function tellDropped(): void {
    if (dropped === 0 || ended) return
    const count = dropped
    dropped = 0
    response.write(frame('dropped', { count }))
  }

  function end(): void {
    if (ended) return
    ended = true
    clearInterval(heartbeat)
    response.end()
    onEnd()
  }

  return {
    send(event, data) {
      if (ended) return
      if (response.writableLength >= bufferBytes) {
        dropped += 1
        return
      }
      tellDropped()
      response.write(frame(event, data))
    },
    end,
  }
}

/** One event. JSON holds no line break, so one `data:` line is enough. */
function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
