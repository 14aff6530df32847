// Which version of the model answers a text while another stands beside the serving one, and what is counted of it.

import { createHash } from 'node:crypto'
import type { Detector, Prediction, PredictOptions } from '../detector/detector.ts'
import { FndError, isFndError } from '../errors/error.ts'
import type { ModelFault, Role, ServiceMetrics } from './metrics.ts'
import { type Canary, type ModelHost, RETRY_AFTER } from './model-host.ts'
import { createShadow } from './shadow.ts'

/** What routes ask: each text goes to the versions that are loaded at that moment. */
export type Answering = Pick<Detector, 'predict' | 'load'>

/**
 * Answers with the serving version, or with the canary where the text falls into its share. What the canary fails to
 * answer the serving version answers in the time that is left.
 *
 * @param canaryFailed Told of each text that the canary failed on.
 */
export function createAnswering(
  model: Pick<ModelHost, 'detector' | 'canary'>,
  metrics: Pick<ServiceMetrics, 'eventsOf' | 'versionFailed' | 'shadowed'>,
  canaryFailed: (error: unknown) => void,
): Answering {
  const shadow = createShadow(model, metrics)

  const serving = (): Detector => {
    if (model.detector) return model.detector
    throw new FndError('FND_DRAINING', { retryAfter: RETRY_AFTER })
  }

  async function ask(
    detector: Detector,
    role: Role,
    text: string,
    options: PredictOptions,
  ): Promise<Prediction> {
    try {
      return await detector.predict(text, { ...options, events: metrics.eventsOf(role) })
    } catch (error) {
      const fault = faultOf(error)
      if (fault) metrics.versionFailed(detector.model.version, role, fault)
      throw error
    }
  }

  async function askCanary(canary: Canary, text: string, options: PredictOptions): Promise<Prediction> {
    const began = performance.now()
    try {
      return await ask(canary.detector, 'canary', text, options)
    } catch (error) {
      const fault = faultOf(error)
      if (fault !== 'failed' && fault !== 'queue_full' && !isFndError(error, 'FND_DRAINING')) throw error
      canaryFailed(error)
      const { deadline } = options
      const left = deadline === undefined ? {} : { deadline: deadline - (performance.now() - began) / 1000 }
      return ask(serving(), 'serving', text, { ...options, ...left })
    }
  }

  return {
    load: () => serving().load(),
    async predict(text, options = {}) {
      const { canary } = model
      if (canary?.mode === 'canary' && isInShare(text, canary)) return askCanary(canary, text, options)
      const answer = ask(serving(), 'serving', text, options)
      if (canary?.mode !== 'shadow') return answer
      shadow.giveWay()
      try {
        const prediction = await answer
        shadow.offer(text, prediction)
        return prediction
      } finally {
        shadow.goOn()
      }
    },
  }
}

/**
 * Whether a text falls into the canary's share. A hash decides: one text always gets the same version, on every instance,
 * and a text that is in a share is in every larger share. Another canary gets other texts.
 */
export function isInShare(text: string, { detector, share }: Canary): boolean {
  const hash = createHash('sha256').update(detector.model.sha256).update(text).digest()
  return hash.readUInt32BE() / 2 ** 32 < share
}

/** What a version is to blame for; a text that cannot be judged and a client that left are no fault of it. */
function faultOf(error: unknown): ModelFault | undefined {
  if (isFndError(error, 'FND_QUEUE_FULL')) return 'queue_full'
  if (isFndError(error, 'FND_DEADLINE')) return 'deadline'
  if (isFndError(error)) return error.code === 'FND_INFERENCE_FAILED' ? 'failed' : undefined
  return error instanceof Error && error.name === 'AbortError' ? undefined : 'failed'
}
