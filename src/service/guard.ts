// Who may use the backend, and how often: API key and rate limit.

import { createHash, timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FndError } from '../errors/error.ts'

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface Guard {
  /** Counts a request against its client's limit. @throws FndError FND_RATE_LIMITED. */
  limit?: Check
  /** @throws FndError FND_UNAUTHORIZED. */
  key?: Check
}

/** The checks that the settings ask for. */
export async function createGuard(
  app: FastifyInstance,
  settings: { apiKey?: string | undefined; rateLimit: number },
): Promise<Guard> {
  return {
    ...(settings.rateLimit > 0 ? { limit: await limitTo(settings.rateLimit, app) } : {}),
    ...(settings.apiKey === undefined ? {} : { key: requireKey(settings.apiKey) }),
  }
}

async function limitTo(max: number, app: FastifyInstance): Promise<Check> {
  await app.register(rateLimit, { global: false, max, timeWindow: 60_000 })
  const count = app.createRateLimit({ keyGenerator: (request) => request.ip })
  return async (request) => {
    const state = await count(request)
    if (!state.isAllowed && state.isExceeded)
      throw new FndError('FND_RATE_LIMITED', { limit: max, retryAfter: state.ttlInSeconds })
  }
}

/** Digests of equal length are compared, so that the time taken says nothing about the key. */
function requireKey(key: string): Check {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(key)
  return async (request) => {
    const given = request.headers['x-api-key']
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected))
      throw new FndError('FND_UNAUTHORIZED', {})
  }
}
