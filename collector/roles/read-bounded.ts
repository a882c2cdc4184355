// Reads a file that somebody else writes: a regular one, and no more of it than was expected.
import { open, stat } from 'node:fs/promises'

export async function readBounded(path: string, mostBytes: number): Promise<string> {
  return (await readBoundedBytes(path, mostBytes)).toString('utf8')
}

/** Throws what the system says, or what is wrong with the file. A pipe is not opened: that would wait for a writer. */
export async function readBoundedBytes(path: string, mostBytes: number): Promise<Buffer> {
  const found = await stat(path)
  if (found.isDirectory()) throw new Error('is a directory: expected a file')
  if (!found.isFile()) throw new Error('is no regular file')
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(Math.min(mostBytes + 1, found.size + 1_024))
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > mostBytes) throw new Error(`is larger than ${mostBytes} bytes`)
    return buffer.subarray(0, length)
  } finally {
    await file.close()
  }
}
