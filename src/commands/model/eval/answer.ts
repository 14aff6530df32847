// The data of `fnd model eval --json`.

import { z } from 'zod'
import { modelIdentity } from '../../../service/contract.ts'

const interval = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .describe('A figure and its 95 % confidence interval (percentile bootstrap)')

const share = z.number().min(0).max(1)

const quality = z.object({
  accuracy: interval,
  macroF1: interval,
  auroc: interval.nullable().describe('null: only one class is there'),
  ece: interval.describe('Expected calibration error, 15 bins of equal width'),
})

const group = quality.extend({
  name: z.string(),
  n: z.int().min(1),
  fakes: share.describe('Share of texts that are fake'),
  coverage: share.describe('Share of texts that got a verdict'),
  right: share.nullable().describe('Share of the verdicts given that are right; null: none was given'),
  realCalledFake: share.nullable().describe('Share of the verdicts given on real texts that say Fake'),
})

const verdicts = z.object({ Fake: z.int(), Real: z.int(), Uncertain: z.int() })

export const answer = z.object({
  model: modelIdentity,
  data: z.object({
    file: z.string(),
    rows: z.int().min(0),
    judged: z.int().min(0),
    failures: z.record(z.string(), z.int()).describe('Rows not judged, by the code of docs/errors.md'),
    wrong: z
      .array(z.object({ row: z.int().min(1), problem: z.string() }))
      .describe('The first rows whose form or label is wrong; rows count from 1'),
  }),
  overall: group,
  balanced: quality.nullable().describe('Each source weighs the same; null: there is only one'),
  confusion: z.object({ fake: verdicts, real: verdicts }).describe('Texts by truth and verdict'),
  withheld: z.object({
    too_short: z.int(),
    not_english: z.int(),
    headline: z.int(),
    low_confidence: z.int(),
  }),
  reliability: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      n: z.number(),
      confidence: z.number(),
      accuracy: z.number(),
    }),
  ),
  riskCoverage: z.object({
    area: z.number().describe('Area under the curve; 0 is perfect'),
    points: z.array(z.object({ coverage: share, risk: share })),
  }),
  sources: z.array(group),
  lengths: z.array(group).describe('By tokens'),
  latency: z
    .object({ mean: z.number(), p50: z.number(), p95: z.number(), p99: z.number() })
    .describe('Milliseconds from cleaning to verdict'),
  speed: z.object({
    seconds: z.number(),
    textsPerSecond: z.number(),
    concurrency: z.int().min(1),
  }),
})

export type EvalAnswer = z.infer<typeof answer>
