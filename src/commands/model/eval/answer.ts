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

const perhaps = interval.nullable()

const shift = z.object({
  name: z.string(),
  what: z.string().describe('What was done to the texts'),
  n: z.int().min(0).describe('Texts that the change altered and that could be judged after it'),
  leaningFlipped: perhaps.describe('Share of these whose likelier class is another; null: none'),
  verdictFlipped: perhaps.describe('Share of the verdicts given before that are the opposite now'),
  withheld: perhaps.describe('Share of the verdicts given before that are withheld now'),
  moved: perhaps.describe('Mean distance of the probability of fake, either way'),
  towardsFake: perhaps.describe('Mean change of the probability of fake'),
})

const seed = z.int().describe('The same seed draws and changes the same texts in the same way')

const shifts = z.object({
  texts: z.int().min(0).describe('Texts drawn at random'),
  seed,
  changes: z.array(shift),
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
  robustness: shifts.optional().describe('With --robust: changes after which a reader would say the same'),
  shortcuts: shifts
    .optional()
    .describe('With --shortcuts: marks of a source or a style that say nothing of the truth'),
  explanations: z
    .object({
      n: z.int().min(0).describe('Texts of at least three sentences, drawn at random'),
      seed,
      methods: z.array(
        z.object({
          method: z.enum(['sentences', 'full']).describe('Each sentence alone; leave one out'),
          fall: perhaps.describe(
            'Mean fall of the likelier class’s probability without the sentence that spoke most for it',
          ),
          randomFall: perhaps.describe('The same without a sentence taken at random'),
          gain: perhaps.describe('By how much the former is larger, text by text'),
          agreement: perhaps.describe(
            'Mean Spearman rank correlation with leave-one-out; null for leave-one-out itself',
          ),
          cost: perhaps.describe('Time with the explanation over time without'),
        }),
      ),
    })
    .optional()
    .describe('With --explanations'),
})

export type EvalAnswer = z.infer<typeof answer>
