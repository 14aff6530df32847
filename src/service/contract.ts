// The HTTP contract of the backend: bodies in and out. Routes, OpenAPI and the client in the CLI use these.

import { z } from 'zod'

export const explainMode = z.enum(['none', 'sentences', 'full'])

export const predictRequest = z.strictObject({
  text: z.string().describe('The text to judge: 10 to 10,000 characters after cleaning'),
  explain: z
    .union([z.boolean(), explainMode])
    .optional()
    .describe(
      'true or "sentences": what moved the model; "full": leave one sentence out, about 10 times slower',
    ),
})

export const predictBatchRequest = z.strictObject({
  texts: z.array(z.string()).min(1).describe('The texts to judge'),
})

export const modelIdentity = z.object({ name: z.string(), version: z.string(), sha256: z.string() })

export const prediction = z.object({
  label: z.enum(['Fake', 'Real', 'Uncertain']),
  reason: z
    .enum(['too_short', 'not_english', 'headline', 'low_confidence'])
    .optional()
    .describe('Why the verdict is withheld'),
  confidence: z.number().min(0).max(1).describe('Calibrated probability of the likelier class'),
  probabilities: z.object({ real: z.number(), fake: z.number() }),
  model: modelIdentity,
  tokens: z.int().min(0),
  windows: z.int().min(1),
  latencyMs: z.number().min(0),
  explanation: z
    .array(z.object({ sentence: z.string(), influence: z.number() }))
    .optional()
    .describe('What moved the model, sentence by sentence'),
})

/** RFC 9457 problem details. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('A code of docs/errors.md'),
  field: z.string().optional().describe('The field of the request that was wrong'),
  requestId: z.string(),
})

/** One answer of a batch: a prediction, or the problem of that one text. */
export const predictBatchResponse = z.object({
  results: z.array(
    z.union([
      prediction,
      problem.pick({ code: true, detail: true }).extend({ field: z.string().optional() }),
    ]),
  ),
  latencyMs: z.number(),
})

/** POST /analyze, kept for clients of the older API. */
export const analyzeResponse = z.object({
  prediction: z.enum(['Fake', 'Real', 'Uncertain']),
  confidence: z.number(),
})

export const healthResponse = z.object({ status: z.literal('ok'), uptime: z.number() })
export const readyResponse = z.object({ status: z.literal('ready'), model: modelIdentity })
