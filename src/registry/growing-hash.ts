// The SHA-256 of a file that is still being written, on a thread of its own: beside the network it would hold both up.

import { Worker } from 'node:worker_threads'
import { builtFile } from '../package.ts'
import type { HashStart } from './hash-worker.ts'

/** Reads behind the one who writes. Disposing ends the thread, and leaves `sha256` without an answer if it had none. */
export class GrowingHash implements AsyncDisposable {
  /** In hex, once the whole file was reached; fails when it cannot be read. */
  readonly sha256: Promise<string>
  readonly #worker: Worker

  /** @param size of the whole file in bytes. */
  constructor(path: string, size: number) {
    const workerData: HashStart = { path, size }
    const worker = new Worker(builtFile('registry/hash-worker.js'), { workerData, name: 'fnd-hash' })
    this.#worker = worker
    this.sha256 = new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    // Nobody may be waiting for it when the download fails.
    this.sha256.catch(() => {})
  }

  /** Says that all bytes before this one have been written. */
  reach(end: number): void {
    this.#worker.postMessage(end)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}
