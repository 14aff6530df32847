// The thread behind GrowingHash: reads and hashes a file up to where it is told that it has been written.

import { createHash } from 'node:crypto'
import { openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread is started with; each message to it is a byte count, its one answer the SHA-256 in hex. */
export interface HashStart {
  path: string
  size: number
}

if (parentPort) {
  const port = parentPort
  const { path, size } = workerData as HashStart
  const file = openSync(path, 'r')
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1 << 20)
  let at = 0
  port.on('message', (end: number) => {
    while (at < end) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, end - at), at)
      if (read === 0) throw new Error('the file has become shorter while it was written')
      hash.update(buffer.subarray(0, read))
      at += read
    }
    if (at === size) port.postMessage(hash.digest('hex'))
  })
}
