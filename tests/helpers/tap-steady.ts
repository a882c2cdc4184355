// An even load: one request after the other at a fixed pace, whatever the answers do. autocannon sends in bursts, and
// then measures its own queue.
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** Latencies in ms, each from the moment its request was sent; rejects when one was not answered with 200. */
export async function steadyLatencies(port: number, rate: number, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const latencies: number[] = []
  const answers: Promise<void>[] = []
  const began = performance.now()
  try {
    for (let i = 0; i < rate * seconds; i++) {
      const due = began + (i * 1000) / rate
      while (performance.now() < due) await pause(0)
      answers.push(ask(port, agent, latencies))
    }
    await Promise.all(answers)
  } finally {
    agent.destroy()
  }
  return latencies
}

function ask(port: number, agent: Agent, latencies: number[]): Promise<void> {
  return new Promise((done, failed) => {
    const sent = performance.now()
    const outgoing = request({ port, agent, path: '/api/tickets?page=1' }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode !== 200) return failed(new Error(`answered ${answer.statusCode}`))
        latencies.push(performance.now() - sent)
        done()
      })
    })
    outgoing.on('error', failed)
    outgoing.end()
  })
}

/** The value below which `part` of all lie. */
export function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
