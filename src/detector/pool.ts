// Worker threads, each with its own session; one that dies is replaced, with a growing pause while it keeps dying.

import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ExplainMode } from './detector.ts'
import { closeGate, closeGateNow, createGate, type Gate } from './gate.ts'
import type { ReaderSource, ReadResult } from './reader.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker.ts'

/** The thread died while it read: the text may be read again by another. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied'
}

/** Whether anybody still waits for a text. One for each text: an AbortController costs ten times as much. */
export class Leave {
  #gone = false
  /** Called once, when the last one leaves. */
  onGone: (() => void) | undefined

  get gone(): boolean {
    return this.#gone
  }

  go(): void {
    if (this.#gone) return
    this.#gone = true
    this.onGone?.()
  }
}

export interface PoolOptions {
  /** The compiled worker file. */
  entry: string
  source: ReaderSource
  size: number
  /** A worker can take a text: it has started, or has finished one. */
  onIdle(): void
  onRestart(why: string): void
  /** Milliseconds in which a worker must stop reading when told to; one that does not is taken to hang and replaced. */
  patience?: number
}

export interface WorkerPool {
  /** All workers have loaded and warmed the model; rejects when one cannot. */
  readonly ready: Promise<void>
  readonly idle: number
  count(): { ready: number; busy: number; starting: number }
  /** Reads a text on an idle worker; only to be called where `idle` is above 0. Leaving stops between two runs, or replaces the worker. */
  read(text: string, explain: ExplainMode, leave: Leave): Promise<ReadResult>
  close(): Promise<void>
}

interface Slot {
  state: 'starting' | 'ready' | 'busy'
  thread: Thread | undefined
  timer: NodeJS.Timeout | undefined
  /** Deaths since it last finished a text. */
  deaths: number
  settle: { done(result: ReadResult): void; failed(error: Error): void } | undefined
}

interface Thread {
  worker: Worker
  gate: Gate
  /** The slot does without it from now on: what it read has failed, and another is started. */
  lose(why: string): void
}

/**
 * A worker's young objects die within a text. Without a bound V8 lets them fill 16 MB; collecting them twice as often costs
 * 0.02 ms a text.
 */
const HEAP = { maxYoungGenerationSizeMb: 8 }

/** Milliseconds before the first replacement; doubled for each death in a row. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000

/** Milliseconds that ending waits for a native call to return, and how often it looks. */
const LONGEST_CALL = 5000
const LOOK_EVERY = 5

/** A worker stops between two runs, and a run takes well under a second. */
const PATIENCE = 30_000

/** Starts the workers. */
export function createPool({
  entry,
  source,
  size,
  onIdle,
  onRestart,
  patience = PATIENCE,
}: PoolOptions): WorkerPool {
  let closed = false
  let started = false
  const slots: Slot[] = []
  const opened: Promise<void>[] = []

  const start = (slot: Slot): Promise<void> =>
    new Promise((resolve, reject) => {
      const gate = createGate()
      const workerData: WorkerStart = { source, gate }
      const worker = new Worker(entry, { workerData, name: 'fnd-inference', resourceLimits: HEAP })
      const thread = { worker, gate, lose }
      slot.thread = thread
      slot.state = 'starting'
      let why = ''
      worker.on('message', (message: FromWorker) => {
        if (slot.thread !== thread) return
        const { settle } = slot
        slot.settle = undefined
        slot.state = 'ready'
        if (message.kind === 'ready') resolve()
        else slot.deaths = 0
        if (message.kind === 'done') settle?.done(message.result)
        if (message.kind === 'failed') settle?.failed(new Error(message.why))
        onIdle()
      })
      worker.on('error', (error: Error) => {
        why = error.message
      })
      worker.on('exit', (code) => lose(why || `the thread ended with code ${code}`))
      function lose(reason: string): void {
        if (slot.thread !== thread) return
        const { settle } = slot
        slot.thread = undefined
        slot.settle = undefined
        slot.state = 'starting'
        settle?.failed(new WorkerDied(reason))
        if (closed) return
        // Before all are up, a death means that the model does not load here: that is for the caller to hear.
        if (!started) {
          reject(new Error(reason))
          return
        }
        onRestart(reason)
        const pause = Math.min(FIRST_PAUSE * 2 ** slot.deaths++, LONGEST_PAUSE)
        slot.timer = setTimeout(() => again(slot), pause)
      }
    })

  /** A thread that cannot even be made (out of memory, out of threads) is tried again like one that died. */
  const again = (slot: Slot): void => {
    start(slot).catch(() => {
      if (!closed) slot.timer = setTimeout(() => again(slot), LONGEST_PAUSE)
    })
  }

  for (let i = 0; i < size; i++) {
    const slot: Slot = {
      state: 'starting',
      thread: undefined,
      timer: undefined,
      deaths: 0,
      settle: undefined,
    }
    slots.push(slot)
    opened.push(start(slot))
  }

  // A program that exits ends its threads wherever they are: it waits for native calls first.
  const onExit = (): void => {
    for (const { thread } of slots) if (thread) closeGateNow(thread.gate, LONGEST_CALL)
  }
  process.once('exit', onExit)

  const inState = (state: Slot['state']): number => slots.filter((slot) => slot.state === state).length

  return {
    ready: Promise.all(opened).then(() => {
      started = true
    }),
    get idle() {
      return inState('ready')
    },
    count: () => ({ ready: inState('ready'), busy: inState('busy'), starting: inState('starting') }),
    read: (text, explain, leave) =>
      new Promise((resolve, reject) => {
        const slot = slots.find(({ state }) => state === 'ready')
        if (!slot?.thread) throw new Error('no idle worker')
        const { thread } = slot
        const post = (message: ToWorker): void => thread.worker.postMessage(message)
        let watchdog: NodeJS.Timeout | undefined
        const cancel = (): void => {
          post({ kind: 'cancel' })
          watchdog = setTimeout(() => {
            thread.lose('the thread hangs')
            void end(thread)
          }, patience)
        }
        const settled = (): void => {
          clearTimeout(watchdog)
          leave.onGone = undefined
        }
        leave.onGone = cancel
        slot.state = 'busy'
        slot.settle = {
          done: (result) => {
            settled()
            resolve(result)
          },
          failed: (error) => {
            settled()
            reject(error)
          },
        }
        post({ kind: 'read', text, explain })
      }),
    async close() {
      closed = true
      await Promise.all(
        slots.map(async ({ thread, timer }) => {
          clearTimeout(timer)
          if (thread) await end(thread)
        }),
      )
      process.off('exit', onExit)
    },
  }
}

/** Ends a thread once it is outside onnxruntime; one that does not come out is left to the end of the process. */
async function end({ worker, gate }: Thread): Promise<void> {
  const deadline = performance.now() + LONGEST_CALL
  while (!closeGate(gate)) {
    if (performance.now() > deadline) {
      worker.unref()
      return
    }
    await sleep(LOOK_EVERY)
  }
  await worker.terminate()
}
