// A detector with a real queue and made-up verdicts, for tests of what surrounds it: it can be slow, full, late and stopped.

import type { Detector, DetectorEvents, Prediction, PredictOptions } from '../../src/detector/detector.ts'
import { FndError } from '../../src/errors/error.ts'
import { CONFIDENCE_BUCKETS, TOKEN_BUCKETS } from '../../src/service/metric-names.ts'

interface Waiting {
  text: string
  options: PredictOptions
  resolve: (prediction: Prediction) => void
  reject: (error: unknown) => void
  /** Nobody needs to hear of an abort any more. */
  settled: AbortController
}

/** Texts that contain "hoax" are Fake. Answers at once, or, after `hold()`, when told to. */
export class FakeDetector implements Detector {
  readonly model = { name: 'double', version: '1.0.0', sha256: 'ab'.repeat(32) }
  readonly loadSeconds = 0.25
  readonly reference = {
    texts: 4,
    from: 'four texts',
    labels: { Fake: 0.25, Real: 0.5, Uncertain: 0.25 },
    confidence: { edges: [...CONFIDENCE_BUCKETS], counts: [1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0] },
    tokens: { edges: [...TOKEN_BUCKETS], counts: [0, 3, 0, 0, 0, 0, 0, 0, 0, 1] },
  }
  /** Clients in the order in which their texts were taken. */
  readonly served: string[] = []
  readonly #events: DetectorEvents
  readonly #capacity: number
  readonly #waiting: Waiting[] = []
  #held = false
  #draining = false

  constructor(events: DetectorEvents = {}, capacity = 8) {
    this.#events = events
    this.#capacity = capacity
  }

  predict(text: string, options: PredictOptions = {}): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: 'queue_full' | 'draining' | 'invalid', error: FndError) => {
        const told = options.events ?? this.#events
        told.rejected?.(reason)
        reject(error)
      }
      if (this.#draining) return refuse('draining', new FndError('FND_DRAINING', { retryAfter: 2 }))
      if (text.includes('break the worker')) return reject(new Error(`cannot read: ${text}`))
      if (text.includes('beyond the model'))
        return reject(new FndError('FND_INFERENCE_FAILED', { why: `no logits for ${text}` }))
      if (text.length < 10)
        return refuse('invalid', new FndError('FND_TEXT_TOO_SHORT', { characters: text.length, least: 10 }))
      if (text.length > 10_000)
        return refuse('invalid', new FndError('FND_TEXT_TOO_LONG', { characters: text.length, most: 10_000 }))
      if (this.#waiting.length >= this.#capacity)
        return refuse('queue_full', new FndError('FND_QUEUE_FULL', { retryAfter: 3 }))
      const waiting = { text, options, resolve, reject, settled: new AbortController() }
      this.#waiting.push(waiting)
      options.signal?.addEventListener(
        'abort',
        () => {
          const at = this.#waiting.indexOf(waiting)
          if (at >= 0) this.#waiting.splice(at, 1)
          reject(options.signal?.reason)
        },
        { signal: waiting.settled.signal },
      )
      if (!this.#held) queueMicrotask(() => this.release())
    })
  }

  /** From now on nothing is answered until `release`. */
  hold(): void {
    this.#held = true
  }

  /** Answers everything that waits. */
  release(): void {
    this.#held = false
    for (const { text, options, resolve, settled } of this.#waiting.splice(0)) {
      settled.abort()
      this.served.push(options.client ?? '')
      const prediction = verdict(text, options, this.model)
      const told = options.events ?? this.#events
      told.predicted?.(prediction, { tokenize: 0.001, queue: 0.002, inference: 0.03 })
      resolve(prediction)
    }
  }

  load() {
    const depth = this.#waiting.length
    return {
      queueDepth: depth,
      queueCapacity: this.#capacity,
      workers: { ready: 2, busy: 0, starting: 0 },
      restarts: 0,
    }
  }

  async drain(): Promise<void> {
    this.#draining = true
    if (!this.#held) this.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true
    for (const { reject } of this.#waiting.splice(0)) reject(new FndError('FND_DRAINING', { retryAfter: 2 }))
  }
}

function verdict(text: string, { explain }: PredictOptions, model: Prediction['model']): Prediction {
  const fake = text.includes('hoax') ? 0.9 : 0.1
  const short = text.split(/\s+/).length < 8
  return {
    label: short ? 'Uncertain' : fake > 0.5 ? 'Fake' : 'Real',
    ...(short ? { reason: 'too_short' as const } : {}),
    confidence: 0.9,
    probabilities: { real: 1 - fake, fake },
    model,
    tokens: text.length,
    windows: 1,
    latencyMs: 33,
    ...(explain && explain !== 'none' ? { explanation: [{ sentence: text, influence: fake - 0.5 }] } : {}),
  }
}
