// A detector in the caller's own thread: the quickest to start, for one text or a few. Each run blocks the event loop.

import { FndError, messageOf } from '../errors/error.ts'
import { answer } from './answer.ts'
import { loadBundle } from './bundle.ts'
import type { Detector, DetectorEvents } from './detector.ts'
import { openReader } from './reader.ts'

export interface InlineOptions {
  /** The name of a model that ships with fnd, or a folder. */
  model: string
  events?: DetectorEvents
}

/**
 * Loads a bundle for use in this thread. Texts are read one after another; the answers are those of `createDetector`,
 * bit for bit.
 *
 * @throws FndError FND_MODEL_MISSING, FND_MODEL_CORRUPT, FND_MODEL_UNUSABLE.
 */
export async function createInlineDetector({ model, events }: InlineOptions): Promise<Detector> {
  const started = performance.now()
  const bundle = await loadBundle(model)
  const read = await openReader(bundle).catch((cause: unknown) => {
    throw new FndError('FND_MODEL_UNUSABLE', { place: bundle.folder, why: messageOf(cause) }, { cause })
  })
  const loadSeconds = (performance.now() - started) / 1000
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let draining = false

  const predict: Detector['predict'] = async (
    text,
    { explain = 'none', deadline, signal, events: told = events } = {},
  ) => {
    const began = performance.now()
    if (draining) throw new FndError('FND_DRAINING', { retryAfter: 1 })
    const turn = last
    let done = (): void => {}
    last = new Promise<void>((resolve) => {
      done = resolve
    })
    waiting++
    try {
      await turn
      signal?.throwIfAborted()
      const queue = (performance.now() - began) / 1000
      if (deadline !== undefined && queue > deadline)
        throw new FndError('FND_DEADLINE', { seconds: deadline, retryAfter: 1 })
      const result = await read(text, explain, signal)
      const prediction = await answer(result, bundle, began).catch((error: unknown) => {
        told?.rejected?.('invalid')
        throw error
      })
      if (result.kind === 'read') told?.predicted?.(prediction, { queue, ...result.text.seconds })
      return prediction
    } finally {
      waiting--
      done()
    }
  }

  const drain = async (): Promise<void> => {
    draining = true
    await last
  }

  return {
    model: bundle.identity,
    loadSeconds,
    predict,
    load: () => ({
      queueDepth: Math.max(0, waiting - 1),
      queueCapacity: 1,
      workers: { ready: waiting ? 0 : 1, busy: waiting ? 1 : 0, starting: 0 },
      restarts: 0,
    }),
    drain,
    [Symbol.asyncDispose]: drain,
  }
}
