// A worker thread: its own tokenizer and session, one text at a time.

import { parentPort, workerData } from 'node:worker_threads'
import type { ExplainMode } from './detector.ts'
import { type Gate, within } from './gate.ts'
import { openReader, type ReaderSource, type ReadResult } from './reader.ts'

/** What a worker is started with. */
export interface WorkerStart {
  source: ReaderSource
  gate: Gate
}

/** To the worker: read a text, or stop reading it. */
export type ToWorker = { kind: 'read'; text: string; explain: ExplainMode } | { kind: 'cancel' }

/** From the worker: ready, or what became of the text. */
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'done'; result: ReadResult }
  | { kind: 'failed'; why: string }

if (parentPort) {
  const port = parentPort
  const { source, gate } = workerData as WorkerStart
  const read = await openReader(source, (call) => within(gate, call))
  let current = new AbortController()
  const send = (message: FromWorker): void => port.postMessage(message)
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'cancel') {
      current.abort()
      return
    }
    current = new AbortController()
    read(message.text, message.explain, current.signal).then(
      (result) => send({ kind: 'done', result }),
      (error: unknown) =>
        send({ kind: 'failed', why: error instanceof Error ? error.message : String(error) }),
    )
  })
  send({ kind: 'ready' })
}
