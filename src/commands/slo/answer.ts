// The data of `fnd slo --json`.

import { z } from 'zod'

const value = z.number().nullable().describe('null: no traffic to tell from')

export const answer = z.object({
  window: z.number().describe('Seconds of the budget’s window'),
  history: z
    .number()
    .describe('Seconds of it that Prometheus knows: less than the window soon after a start'),
  since: z.iso
    .datetime()
    .optional()
    .describe('The first scrape that counts; absent where the history fills the window, or there is none'),
  budgets: z.array(
    z.object({
      objective: z.enum(['availability', 'latency']),
      title: z.string(),
      promise: z.string(),
      target: z.number().describe('Share of events that must be good'),
      achieved: value,
      left: value.describe('Share of the budget that is left; below 0 when overspent'),
      burn1h: value.describe('Times faster than allowed, over the last hour'),
      burn6h: value,
      exhaustedIn: value.describe('Seconds until it is spent at the pace of the last hour; null: it is not'),
      state: z.enum(['good', 'warning', 'bad', 'unknown']),
    }),
  ),
})
