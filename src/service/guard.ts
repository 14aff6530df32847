// Who may use the routes that do work, and how often: API key and rate limit.

import { createHash, timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { FndError } from '../errors/error.ts'

/** Puts the limits of the settings on every route of this scope. */
export async function guard(
  scope: FastifyInstance,
  settings: { apiKey?: string | undefined; rateLimit: number },
): Promise<void> {
  if (settings.apiKey !== undefined) scope.addHook('onRequest', requireKey(settings.apiKey))
  if (settings.rateLimit > 0)
    await scope.register(rateLimit, {
      max: settings.rateLimit,
      timeWindow: 60_000,
      keyGenerator: (request) => request.ip,
      errorResponseBuilder: (_request, { max, ttl }) =>
        new FndError('FND_RATE_LIMITED', { limit: max, retryAfter: Math.ceil(ttl / 1000) }),
    })
}

/** Digests of equal length are compared, so that the time taken says nothing about the key. */
function requireKey(key: string): onRequestHookHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(key)
  return async (request) => {
    const given = request.headers['x-api-key']
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected))
      throw new FndError('FND_UNAUTHORIZED', {})
  }
}
