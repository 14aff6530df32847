// POST /predict/batch: many texts in one request, each with its own answer.

import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Prediction } from '../../detector/detector.ts'
import { type FndError, isFndError } from '../../errors/error.ts'
import type { Answering } from '../answering.ts'
import { predictBatchRequest, predictBatchResponse } from '../contract.ts'
import { logDefect, statusOf, type TextProblem, textProblemOf } from '../problems.ts'
import { answers, inputSchema } from '../schemas.ts'
import { WORK_PROBLEMS, type WorkRouteOptions, whileWaiting } from './work.ts'

type Body = z.infer<typeof predictBatchRequest>

export function batchRoute(
  app: FastifyInstance,
  { detector, deadline, batchLimit, security }: WorkRouteOptions,
): void {
  const texts = predictBatchRequest.shape.texts.max(batchLimit)
  app.post<{ Body: Body }>(
    '/predict/batch',
    {
      schema: {
        tags: ['predict'],
        summary: 'Judge many texts',
        description: `At most ${batchLimit} texts. A text that cannot be judged has its problem in place of a verdict.`,
        operationId: 'predictBatch',
        body: inputSchema(predictBatchRequest.extend({ texts })),
        response: answers('One result per text, in order', predictBatchResponse, WORK_PROBLEMS),
        ...security,
      },
    },
    async (request, reply): Promise<z.infer<typeof predictBatchResponse>> => {
      const start = performance.now()
      const results = await judgeAll(detector(), request.body.texts, {
        // A lane of its own: single texts from the same address take turns with the batch.
        client: `${request.ip} batch`,
        deadline,
        signal: whileWaiting(reply),
        failed: (error) => logDefect(error, request),
      })
      return { results, latencyMs: performance.now() - start }
    },
  )
}

/**
 * Feeds the texts a few at a time, as many as keep the workers busy, so that a batch never fills the queue.
 * Each text has the whole deadline for itself. A batch of which overload or failure left nothing is refused as one
 * request.
 */
async function judgeAll(
  detector: Answering,
  texts: readonly string[],
  {
    failed,
    ...options
  }: {
    client: string
    deadline: number
    signal: AbortSignal
    /** Told of each text that the model failed on. */
    failed(error: FndError): void
  },
): Promise<(Prediction | TextProblem)[]> {
  const { ready, busy } = detector.load().workers
  const atOnce = Math.min(texts.length, Math.max(ready, busy, 1) + 1)
  const results: (Prediction | TextProblem)[] = new Array(texts.length)
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  let next = 0
  let lost: FndError | undefined
  let unanswered = 0
  const lane = async () => {
    for (let index = next++; index < texts.length; index = next++) {
      try {
        results[index] = await detector.predict(texts[index] ?? '', { ...options, signal })
      } catch (error) {
        const failure = isFndError(error, 'FND_INFERENCE_FAILED')
        if (!isFndError(error) || (statusOf(error) === 500 && !failure)) throw error
        if (failure) failed(error)
        if (failure || statusOf(error) === 503) {
          lost = error
          unanswered += 1
        }
        results[index] = textProblemOf(error, index)
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, lane))
  } finally {
    stop.abort()
  }
  if (lost && unanswered === texts.length) throw lost
  return results
}
