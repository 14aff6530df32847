// The data of `fnd health --json`.

import { z } from 'zod'
import { FIGURE_NAMES, INSTANCE_FIGURES } from '../../observe/health.ts'
import { UNITS } from '../../observe/unit.ts'
import { finding, value } from '../judged.ts'

export const answer = z.object({
  state: z
    .enum(['healthy', 'warning', 'unhealthy', 'waiting'])
    .describe('waiting: just started, Prometheus has nothing to judge from yet; no failure'),
  findings: z.array(finding).describe('What is wrong or worth knowing, the worst first'),
  source: z.object({
    kind: z.enum(['prometheus', 'backend']),
    url: z.string(),
    stack: z.string().optional().describe('Its name; absent where an address was given instead'),
    note: z.string().optional().describe('Why the figures do not come from Prometheus'),
  }),
  at: z.iso.datetime(),
  window: z.number().describe('Seconds that rates and latencies are taken over'),
  period: z.string().describe('The same in words; without Prometheus, since the start'),
  figures: z.record(
    z.enum(FIGURE_NAMES),
    z.object({
      title: z.string(),
      unit: z.enum(UNITS),
      value,
      mark: z.enum(['good', 'warning', 'bad', 'unknown']),
      trend: z.array(value).describe('Oldest first; empty where no history is kept'),
    }),
  ),
  trendSeconds: z.number().describe('How far the trends reach back'),
  stages: z
    .record(z.string(), z.number())
    .describe('Mean seconds of each stage of a prediction; other: what its mean holds besides'),
  verdicts: z.record(z.string(), z.number()).describe('Share of each verdict'),
  models: z.array(z.object({ name: z.string(), version: z.string(), instances: z.number() })),
  canaries: z
    .array(
      z.object({
        name: z.string(),
        version: z.string(),
        mode: z.enum(['canary', 'shadow']),
        share: z.number().describe('Share of the texts that it answers; 0 in shadow mode'),
      }),
    )
    .describe('Versions beside those that serve'),
  alerts: z.array(
    z.object({
      name: z.string(),
      severity: z.enum(['critical', 'warning', 'info']),
      state: z.enum(['firing', 'pending']),
      summary: z.string(),
      runbook: z.string(),
      since: z.number().describe('Seconds since its condition became true'),
    }),
  ),
  scrapes: z.array(
    z.object({
      instance: z.string(),
      up: z.boolean(),
      age: z.number().optional().describe('Seconds since the last scrape'),
      every: z.number().optional().describe('Seconds from one scrape to the next'),
      error: z.string().optional(),
    }),
  ),
  beginning: z
    .object({
      prometheus: z.number().optional().describe('Seconds since Prometheus started'),
      backend: z
        .number()
        .optional()
        .describe('Seconds since the first start of the backend that it knows of'),
      everUp: z.boolean().describe('Whether any scrape of the backend ever succeeded'),
      direct: z
        .enum(['ready', 'starting', 'silent'])
        .optional()
        .describe('What the backend itself says; asked only soon after a start'),
    })
    .optional()
    .describe('Absent without Prometheus'),
  instances: z
    .array(
      z.object({
        instance: z.string(),
        figures: z.record(z.enum(INSTANCE_FIGURES), value),
        stages: z.record(z.string(), z.number()),
      }),
    )
    .describe('Only with --instances'),
})

/** With --watch and no terminal: one a look. */
export const row = answer
