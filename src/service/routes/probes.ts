// GET /health (the process lives) and GET /ready (the model answers), for orchestrators and people.

import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { healthResponse, readyResponse } from '../contract.ts'
import type { ModelHost } from '../model-host.ts'
import { answers } from '../schemas.ts'

export function probeRoutes(app: FastifyInstance, model: ModelHost): void {
  app.get(
    '/health',
    {
      logLevel: 'warn',
      schema: {
        tags: ['probe'],
        summary: 'Is the process alive?',
        operationId: 'health',
        response: answers('Alive', healthResponse, []),
      },
    },
    (): z.infer<typeof healthResponse> => ({ status: 'ok', uptime: performance.now() / 1000 }),
  )
  app.get(
    '/ready',
    {
      logLevel: 'warn',
      schema: {
        tags: ['probe'],
        summary: 'Is the model loaded, verified and warmed?',
        operationId: 'ready',
        response: answers('Ready', readyResponse, [503]),
      },
    },
    (): z.infer<typeof readyResponse> => {
      const { canary } = model
      return {
        status: 'ready',
        model: model.current().model,
        ...(canary ? { canary: { ...canary.detector.model, mode: canary.mode, share: canary.share } } : {}),
      }
    },
  )
}
