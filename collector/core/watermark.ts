// Offsets of one partition that may be committed: only below the oldest record whose exchange still waits.

/** `offset`: a whole number; a partition would have to take a million records a second for 285 years to pass 2^53. */
export type OpenOffset = { readonly offset: number; done: boolean }

export type Watermark = {
  /** Registers a record that was read; offsets come in ascending order. Set `done` on the result when it is settled. */
  open(offset: number): OpenOffset
  /** The next offset to commit (everything below is settled), or undefined while nothing was read. */
  committable(): number | undefined
  /** Records read and not yet passed. */
  size(): number
}

export function createWatermark(): Watermark {
  let queue: OpenOffset[] = []
  let head = 0
  let next: number | undefined
  const pass = () => {
    while (head < queue.length && queue[head]?.done) {
      next = (queue[head] as OpenOffset).offset + 1
      head += 1
    }
    if (head > 4096 && head * 2 > queue.length) {
      queue = queue.slice(head)
      head = 0
    }
  }
  return {
    open(offset) {
      const entry = { offset, done: false }
      if (next === undefined) next = offset
      queue.push(entry)
      return entry
    },
    committable() {
      pass()
      return next
    },
    size() {
      pass()
      return queue.length - head
    },
  }
}
