// POST /analyze: the verdict in the form of the older API.

import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { analyzeRequest, analyzeResponse } from '../contract.ts'
import { answers, inputSchema } from '../schemas.ts'
import { WORK_PROBLEMS, type WorkRouteOptions, whileWaiting } from './work.ts'

export function analyzeRoute(app: FastifyInstance, { detector, deadline, security }: WorkRouteOptions): void {
  app.post<{ Body: z.infer<typeof analyzeRequest> }>(
    '/analyze',
    {
      schema: {
        tags: ['predict'],
        summary: 'Judge one text (older form of /predict)',
        operationId: 'analyze',
        deprecated: true,
        body: inputSchema(analyzeRequest),
        response: answers('The verdict', analyzeResponse, WORK_PROBLEMS),
        ...security,
      },
    },
    async (request, reply): Promise<z.infer<typeof analyzeResponse>> => {
      const { label, confidence } = await detector().predict(request.body.text, {
        client: request.ip,
        deadline,
        signal: whileWaiting(reply),
      })
      return { prediction: label, confidence }
    },
  )
}
