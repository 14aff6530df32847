// From the zod contract to what Fastify wants: JSON Schema for checking, for compiled serialisers and for OpenAPI.

import { z } from 'zod'
import { prediction, problem } from './contract.ts'

export const PROBLEM_JSON = 'application/problem+json'

const MEANING: Record<number, string> = {
  400: 'The request is not what is taken here; `field` and `detail` say what was expected',
  401: 'The API key is missing or wrong',
  413: 'The body is too large',
  415: 'The body is no UTF-8 JSON',
  429: 'Too many requests; try again after `Retry-After` seconds',
  500: 'A defect of the backend',
  503: 'Overloaded, not ready or stopping; try again after `Retry-After` seconds',
}

/** JSON Schema of what a client sends. */
export const inputSchema = (schema: z.ZodType) => jsonSchema(schema, 'input')

/** Schemas that answers refer to by name; registered once with the application. */
export const sharedSchemas = () => [
  { $id: 'Problem', ...jsonSchema(problem, 'output') },
  { $id: 'Prediction', ...jsonSchema(prediction, 'output') },
]

/** A reference to a shared schema. */
export const shared = (name: 'Problem' | 'Prediction') => ({ $ref: `${name}#` })

/** The answers of a route: one good body, and problem documents for the statuses named. */
export function answers(
  description: string,
  good: z.ZodType | { $ref: string },
  problems: readonly number[],
): Record<number, object> {
  const schema = good instanceof z.ZodType ? jsonSchema(good, 'output') : good
  return {
    200: { description, content: { 'application/json': { schema } } },
    ...Object.fromEntries(
      problems.map((status) => [
        status,
        { description: MEANING[status] ?? '', content: { [PROBLEM_JSON]: { schema: shared('Problem') } } },
      ]),
    ),
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io })
  return rest
}
