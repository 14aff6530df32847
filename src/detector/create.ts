// The detector that serves: worker threads fed by one fair queue that takes only what can be answered in time.

import { setMaxListeners } from 'node:events'
import { FndError, isFndError, messageOf } from '../errors/error.ts'
import { builtFile } from '../package.ts'
import { answer } from './answer.ts'
import { loadBundle } from './bundle.ts'
import { availableCores } from './cores.ts'
import { costOf } from './cost.ts'
import type {
  Detector,
  DetectorEvents,
  ExplainMode,
  Prediction,
  PredictOptions,
  TextEvents,
} from './detector.ts'
import { loadLanguages } from './language.ts'
import { createPool, Leave, WorkerDied } from './pool.ts'
import { createFairQueue, createPace, estimate } from './queue.ts'
import type { ReadResult } from './reader.ts'
import { runSelfTest } from './self-test.ts'

export interface DetectorOptions {
  /** The name of a model that ships with fnd, or a folder. */
  model: string
  /** Worker threads; default: one for each core that this process may use. */
  workers?: number
  /** Seconds within which a text is answered or refused, where the caller names none. */
  deadline: number
  events?: DetectorEvents
}

interface Job {
  client: string
  cost: number
  text: string
  explain: ExplainMode
  events: TextEvents | undefined
  /** On the clock of `performance.now()`, in milliseconds. */
  arrived: number
  began: number
  retried: boolean
  /** Nobody waits any more: stop reading. */
  leave: Leave
  resolve(result: ReadResult): void
  reject(error: unknown): void
}

/** Seconds after which another instance should have taken over from one that stops. */
const DRAIN_RETRY = 5

/** A first guess of the pace, replaced by what is measured within a few texts: 60 tokens in 12 ms. */
const FIRST_GUESS = { cost: 60, seconds: 0.012 }

/**
 * Loads, verifies and warms a bundle in worker threads, and has it pass its self-test.
 *
 * @throws FndError FND_MODEL_MISSING, FND_MODEL_CORRUPT, FND_MODEL_UNUSABLE, FND_MODEL_SELF_TEST.
 */
export async function createDetector(options: DetectorOptions): Promise<Detector> {
  const started = performance.now()
  const { events, workers = availableCores() } = options
  const bundle = await loadBundle(options.model)
  const queue = createFairQueue<Job>()
  const running = new Set<Job>()
  const pace = createPace(FIRST_GUESS.cost, FIRST_GUESS.seconds)
  let restarts = 0
  let draining = false
  let disposed = false
  let onEmpty: (() => void) | undefined

  const pool = createPool({
    entry: builtFile('detector/worker.js'),
    source: { folder: bundle.folder, config: bundle.config },
    size: workers,
    onIdle: () => pump(),
    onRestart(why) {
      restarts++
      events?.workerRestarted?.(why)
    },
  })

  function pump(): void {
    while (pool.idle > 0) {
      const job = queue.shift()
      if (!job) break
      run(job)
    }
    if (queue.depth === 0 && running.size === 0) onEmpty?.()
  }

  function run(job: Job): void {
    job.began = performance.now()
    running.add(job)
    pool
      .read(job.text, job.explain, job.leave)
      .then(
        (result) => {
          if (result.kind === 'read') pace.learn(job.cost, (performance.now() - job.began) / 1000)
          job.resolve(result)
        },
        (error: unknown) => {
          if (disposed) job.reject(refusedByDrain(job.events))
          else if (error instanceof WorkerDied && !job.retried && !job.leave.gone) {
            job.retried = true
            queue.putBack(job)
          } else job.reject(new FndError('FND_INFERENCE_FAILED', { why: messageOf(error) }, { cause: error }))
        },
      )
      .finally(() => {
        running.delete(job)
        pump()
      })
  }

  function refusedByDrain(told: TextEvents | undefined): FndError {
    told?.rejected?.('draining')
    return new FndError('FND_DRAINING', { retryAfter: DRAIN_RETRY })
  }

  /** Seconds by which a new job would miss its deadline; 0 or less when it can be answered. */
  function lateness(client: string, cost: number, deadline: number): number {
    // An idle worker is always tried: else a pace once learned too slow would refuse everything for ever.
    if (queue.depth === 0 && pool.idle > 0) return 0
    const now = performance.now()
    // A job that nobody waits for stops at its next run, however much work it was.
    const left = [...running].map((job) =>
      job.leave.gone ? 0 : Math.max(0, pace.seconds(job.cost) - (now - job.began) / 1000),
    )
    return estimate({ ahead: queue.ahead(client), own: cost }, left, workers, pace) - deadline
  }

  const retryAfter = (late: number): number => Math.min(60, Math.max(1, Math.ceil(late)))

  async function read(text: string, ask: Ask, signal: AbortSignal | undefined): Promise<Timed> {
    signal?.throwIfAborted()
    const { client, deadline, explain, events } = ask
    if (draining) throw refusedByDrain(events)
    const cost = costOf(text, explain, bundle.config.maxChars)
    const late = lateness(client, cost, deadline)
    if (late > 0) {
      events?.rejected?.('queue_full')
      throw new FndError('FND_QUEUE_FULL', { retryAfter: retryAfter(late) })
    }
    const arrived = performance.now()
    const waiting = deferred<ReadResult>()
    const job: Job = {
      client,
      cost,
      text,
      explain,
      events,
      arrived,
      began: arrived,
      retried: false,
      leave: new Leave(),
      ...waiting.handles,
    }
    const leave = (error: unknown): void => {
      queue.remove(job)
      job.leave.go()
      job.reject(error)
    }
    const onAbort = (): void => leave(signal?.reason)
    const timer = setTimeout(() => {
      events?.rejected?.('deadline')
      leave(
        new FndError('FND_DEADLINE', { seconds: deadline, retryAfter: retryAfter(pace.mean * queue.depth) }),
      )
    }, deadline * 1000)
    if (signal) {
      // One signal may stand for a whole batch: many listeners are no leak, each leaves with its text.
      setMaxListeners(0, signal)
      signal.addEventListener('abort', onAbort, { once: true })
    }
    try {
      queue.push(job)
      pump()
      return { result: await waiting.promise, arrived, queued: (job.began - arrived) / 1000 }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async function predict(text: string, asked: PredictOptions = {}): Promise<Prediction> {
    const {
      explain = 'none',
      client = '',
      deadline = options.deadline,
      signal,
      events: told = events,
    } = asked
    const { result, arrived, queued } = await read(text, { explain, client, deadline, events: told }, signal)
    const prediction = await answer(result, bundle, arrived).catch((error: unknown) => {
      told?.rejected?.('invalid')
      throw error
    })
    if (result.kind === 'read') told?.predicted?.(prediction, { queue: queued, ...result.text.seconds })
    return prediction
  }

  async function dispose(): Promise<void> {
    draining = true
    disposed = true
    for (const job of queue.clear()) job.reject(refusedByDrain(job.events))
    await pool.close()
  }

  try {
    // Languages are loaded before the first request: loading takes 0.3 s of the event loop.
    await Promise.all([pool.ready, loadLanguages()])
    await runSelfTest(bundle, (text) => pool.read(text, 'none', new Leave()))
  } catch (cause) {
    await pool.close()
    if (isFndError(cause)) throw cause
    throw new FndError('FND_MODEL_UNUSABLE', { place: bundle.folder, why: messageOf(cause) }, { cause })
  }
  return {
    model: bundle.identity,
    ...(bundle.manifest.referenceDistribution ? { reference: bundle.manifest.referenceDistribution } : {}),
    loadSeconds: (performance.now() - started) / 1000,
    predict,
    load: () => ({
      queueDepth: queue.depth,
      queueCapacity: Math.max(workers, Math.floor((options.deadline * workers) / pace.mean)),
      workers: pool.count(),
      restarts,
    }),
    async drain() {
      draining = true
      if (queue.depth > 0 || running.size > 0)
        await new Promise<void>((resolve) => {
          onEmpty = resolve
        })
      await pool.close()
    },
    [Symbol.asyncDispose]: dispose,
  }
}

interface Ask {
  explain: ExplainMode
  client: string
  /** Seconds. */
  deadline: number
  events: TextEvents | undefined
}

interface Timed {
  result: ReadResult
  arrived: number
  /** Seconds in the queue. */
  queued: number
}

/** A promise and the handles that settle it (`Promise.withResolvers` is not in Node 20). */
function deferred<T>(): {
  promise: Promise<T>
  handles: { resolve(value: T): void; reject(error: unknown): void }
} {
  let handles: { resolve(value: T): void; reject(error: unknown): void } | undefined
  const promise = new Promise<T>((resolve, reject) => {
    handles = { resolve, reject }
  })
  if (!handles) throw new Error('a promise runs its executor at once')
  return { promise, handles }
}
