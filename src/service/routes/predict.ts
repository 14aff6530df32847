// POST /predict: the verdict on one text.

import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { ExplainMode } from '../../detector/detector.ts'
import { predictRequest } from '../contract.ts'
import { answers, inputSchema, shared } from '../schemas.ts'
import type { WorkRouteOptions } from './work.ts'
import { WORK_PROBLEMS, whileWaiting } from './work.ts'

type Body = z.infer<typeof predictRequest>

export function predictRoute(app: FastifyInstance, { detector, deadline, security }: WorkRouteOptions): void {
  app.post<{ Body: Body }>(
    '/predict',
    {
      schema: {
        tags: ['predict'],
        summary: 'Judge one text',
        operationId: 'predict',
        body: inputSchema(predictRequest),
        response: answers('The verdict', shared('Prediction'), WORK_PROBLEMS),
        ...security,
      },
    },
    (request, reply) =>
      detector().predict(request.body.text, {
        explain: explainMode(request.body.explain),
        client: request.ip,
        deadline,
        signal: whileWaiting(reply),
      }),
  )
}

function explainMode(asked: Body['explain']): ExplainMode {
  return asked === true ? 'sentences' : asked || 'none'
}
