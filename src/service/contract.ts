// The HTTP contract of the backend: bodies in and out. Routes, OpenAPI and the client in the CLI use these.

import { z } from 'zod'

export const explainMode = z.enum(['none', 'sentences', 'full'])

/** What /docs offers to try. */
const EXAMPLE =
  'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.'

export const predictRequest = z.strictObject({
  text: z
    .string()
    .meta({ examples: [EXAMPLE] })
    .describe('The text to judge: 10 to 10,000 characters after cleaning'),
  explain: z
    .union([z.boolean(), explainMode])
    .optional()
    .describe(
      'true or "sentences": what moved the model; "full": leave one sentence out, about 10 times slower',
    ),
})

export const predictBatchRequest = z.strictObject({
  texts: z
    .array(z.string().meta({ examples: [EXAMPLE] }))
    .min(1)
    .describe('The texts to judge'),
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
  hint: z.string().describe('What mends it'),
  code: z.string().describe('A code of docs/errors.md'),
  field: z.string().optional().describe('The field of the request that was wrong'),
  params: z.record(z.string(), z.unknown()).describe('The figures in the detail'),
  requestId: z.string(),
})

/** The problem of one text of a batch. */
export const textProblem = problem.pick({ code: true, detail: true, hint: true, params: true }).extend({
  field: z.string().describe('Which text: texts/0 is the first'),
})

/** The answer to a batch, in the order of its texts: for each a prediction, or the problem of that one text. */
export const predictBatchResponse = z.object({
  results: z.array(z.union([prediction, textProblem])),
  latencyMs: z.number().min(0),
})

/** POST /analyze, kept for clients of the older API: what else they send is ignored. */
export const analyzeRequest = z.object({ text: predictRequest.shape.text })
export const analyzeResponse = z.object({
  prediction: z.enum(['Fake', 'Real', 'Uncertain']),
  confidence: prediction.shape.confidence,
})

export const healthResponse = z.object({
  status: z.literal('ok'),
  uptime: z.number().min(0).describe('Seconds since start'),
})
/** A version beside the one that serves. */
export const canary = modelIdentity.extend({
  mode: z
    .enum(['canary', 'shadow'])
    .describe('canary: it answers its share of the texts; shadow: its answers are only counted'),
  share: z.number().min(0).max(1),
})
export const readyResponse = z.object({
  status: z.literal('ready'),
  model: modelIdentity,
  canary: canary.optional(),
})
