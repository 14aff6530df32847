// What `fnd load --json` prints.

import { z } from 'zod'

const tally = z.int().min(0)

export const answer = z.object({
  target: z.string(),
  seed: z.int(),
  targetRps: z.number(),
  achievedRps: z.number().describe('Requests sent a second'),
  seconds: z.number(),
  interrupted: z.boolean(),
  sent: tally,
  unsent: tally.describe('Due, but every client was still waiting when the run ended'),
  cutOff: tally.describe('Under way when the run was interrupted; not among the sent'),
  ok: tally,
  refused: tally.describe('4xx other than 429'),
  limited: tally.describe('429'),
  failed: tally.describe('5xx'),
  errors: tally.describe('No answer: connection refused or broken, time-out'),
  retryAfter: tally.describe('Answers with Retry-After; counted, not obeyed'),
  statuses: z.record(z.string(), tally),
  verdicts: z.record(z.string(), tally),
  bad: z.object({ sent: tally, refused: tally }).describe('Requests that had to be refused, and were'),
  latency: z
    .object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number(), mean: z.number() })
    .optional()
    .describe('Seconds from when a good request was due to its 200; absent when there was none'),
  passedLimits: z.array(z.string()).describe('What --max-errors and --max-p95 found'),
})

export type LoadAnswer = z.infer<typeof answer>
