// What `fnd model compare --json` prints.

import { z } from 'zod'
import { canaryState } from '../../../registry/alias.ts'
import { value } from '../../judged.ts'

const share = z.number().min(0).max(1)

const version = z.object({
  version: z.string(),
  texts: z.int().min(0).describe('Texts that it was handed and could judge: answered, or failed on'),
  errors: z.int().min(0).describe('Of those, what it failed on or had no time for'),
  p50: value.describe('Seconds, as p95 and mean'),
  p95: value,
  mean: value,
  verdicts: z.record(z.string(), share).describe('Share of each verdict'),
  confidence: value.describe('Mean'),
})

export const answer = z.object({
  address: z.string().describe('The alias: s3://bucket/prefix/name#alias'),
  stands: canaryState.describe('The canary, as the alias says it'),
  source: z.object({
    kind: z.enum(['prometheus', 'backend']),
    url: z.string(),
    note: z.string().optional().describe('Why the figures do not come from Prometheus'),
  }),
  window: z.number().describe('Seconds that the figures are taken over: since the canary stands so'),
  period: z.string().describe('The same in words; without Prometheus, since the start of the backend'),
  serving: version,
  canary: version,
  shadow: z
    .object({
      compared: z.int().min(0).describe('Texts that both read'),
      disagreed: z.int().min(0).describe('Of those, texts with another verdict'),
      difference: value.describe('Mean distance of the two probabilities of fake'),
      dropped: z.int().min(0).describe('Texts that it was not given, as clients needed the cores'),
    })
    .optional()
    .describe('Only in shadow mode'),
  taken: z.boolean().describe('A backend has the canary loaded'),
  refused: z.string().optional().describe('Why a backend refused it: corrupt, self_test, …'),
  rule: z.object({
    texts: z.number(),
    errors: share,
    latency: z.number(),
    mix: share,
    disagreement: share,
  }),
  verdict: z.enum(['sound', 'worse', 'undecided']),
  reasons: z.array(z.string()),
  action: z
    .enum(['promoted', 'rolled_back', 'would_promote', 'would_roll_back'])
    .optional()
    .describe('Only with --auto: what was done, or would be without --dry-run'),
})
