// GET /metrics: what Prometheus scrapes.

import type { FastifyInstance } from 'fastify'
import type { ServiceMetrics } from '../metrics.ts'

export function metricsRoute(app: FastifyInstance, metrics: ServiceMetrics): void {
  app.get(
    '/metrics',
    {
      logLevel: 'warn',
      schema: {
        tags: ['probe'],
        summary: 'Metrics in the text format of Prometheus',
        operationId: 'metrics',
        response: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
}
