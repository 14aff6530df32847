// What the routes that use the model have in common.

import type { FastifyReply } from 'fastify'
import type { Answering } from '../answering.ts'

export interface WorkRouteOptions {
  /** What answers one request. @throws FndError FND_NOT_READY, FND_DRAINING. */
  detector: () => Answering
  /** Seconds that an answer may take. */
  deadline: number
  /** Most texts in a batch. */
  batchLimit: number
  /** The OpenAPI security of these routes; empty without an API key. */
  security: { security?: { [name: string]: string[] }[] }
}

/** Statuses other than 200 that these routes answer with. */
export const WORK_PROBLEMS: readonly number[] = [400, 401, 413, 415, 429, 500, 503]

/**
 * Aborted when the client leaves before its answer. (Fastify's own request.signal listens to the request, which on
 * Node 20 has closed once its body is read.)
 */
export function whileWaiting({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort()
  })
  return left.signal
}
