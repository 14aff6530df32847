// The shadow: reads what the serving version has answered, only where a core is idle, and counts how far the two are apart.

import type { Detector, Prediction } from '../detector/detector.ts'
import { isFndError } from '../errors/error.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { ModelHost } from './model-host.ts'

/** Texts that wait for an idle moment; the oldest is dropped for a newer one. They are kept in memory alone. */
const MOST_WAITING = 64

/** Seconds that a text may take: nobody waits for it. */
const DEADLINE = 60

interface Pair {
  text: string
  /** What the client was given. */
  answer: Prediction
}

export interface Shadow {
  /** A client's text was answered: the shadow may read it later. */
  offer(text: string, answer: Prediction): void
  /** A client's text was handed over: what the shadow reads now is put off where that text needs the core. */
  giveWay(): void
  /** A client's text is done: the shadow may read on. */
  goOn(): void
}

/**
 * One text at a time, and only while a worker of the serving version is idle and nothing waits for one. So a client waits
 * for the shadow no longer than one window of a text takes.
 */
export function createShadow(
  model: Pick<ModelHost, 'detector' | 'canary'>,
  metrics: Pick<ServiceMetrics, 'eventsOf' | 'versionFailed' | 'shadowed'>,
): Shadow {
  const waiting: Pair[] = []
  let running: AbortController | undefined

  const isIdle = (): boolean => {
    const load = model.detector?.load()
    return load !== undefined && load.queueDepth === 0 && load.workers.ready > 0
  }

  function trim(version: string): void {
    while (waiting.length > MOST_WAITING) {
      waiting.shift()
      metrics.shadowed(version, 'dropped')
    }
  }

  function goOn(): void {
    const { canary } = model
    if (canary?.mode !== 'shadow') {
      waiting.length = 0
      return
    }
    // What was put off runs on to the end of its window.
    if (running || !isIdle() || canary.detector.load().workers.busy > 0) return
    const pair = waiting.shift()
    if (pair) void read(pair, canary.detector)
  }

  async function read(pair: Pair, detector: Detector): Promise<void> {
    const { version } = detector.model
    const stop = new AbortController()
    running = stop
    try {
      const { label, probabilities } = await detector.predict(pair.text, {
        deadline: DEADLINE,
        signal: stop.signal,
        events: metrics.eventsOf('shadow'),
      })
      metrics.shadowed(
        version,
        label === pair.answer.label ? 'agreed' : 'disagreed',
        Math.abs(probabilities.fake - pair.answer.probabilities.fake),
      )
    } catch (error) {
      if (stop.signal.aborted) {
        waiting.unshift(pair)
        trim(version)
      } else if (!isFndError(error, 'FND_DRAINING')) {
        metrics.shadowed(version, 'failed')
        metrics.versionFailed(version, 'shadow', 'failed')
      }
    } finally {
      running = undefined
    }
    // Clients that came meanwhile go first.
    setImmediate(goOn)
  }

  return {
    offer(text, answer) {
      const { canary } = model
      if (canary?.mode !== 'shadow') return
      waiting.push({ text, answer })
      trim(canary.detector.model.version)
    },
    giveWay() {
      if (running && !isIdle()) running.abort()
    },
    goOn,
  }
}
