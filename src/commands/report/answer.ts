// The data of `fnd report --json`, and of its page.

import { z } from 'zod'
import { UNITS } from '../../observe/unit.ts'
import { finding, value } from '../judged.ts'

const time = z.number().describe('Seconds since 1970')
const span = z.object({ from: time, to: time })

export const answer = z.object({
  stack: z.string().optional().describe('Absent with --prometheus, which may be anybody’s'),
  at: z.iso.datetime().describe('When it was asked'),
  prometheus: z.object({ url: z.string(), version: z.string() }),
  from: time,
  to: time,
  step: z.number().describe('Seconds from one time to the next'),
  rateRange: z.string().describe('The range that rates and latencies are taken over'),
  state: z
    .enum(['healthy', 'warning', 'unhealthy', 'unknown'])
    .describe('Of the range as a whole; unknown: Prometheus has nothing about it'),
  findings: z.array(finding).describe('What went wrong or is worth knowing, the worst first'),
  objectives: z.array(
    z.object({
      objective: z.enum(['availability', 'latency']),
      title: z.string(),
      promise: z.string(),
      target: z.number().describe('Share of events that must be good'),
      achievedInRange: value,
      achieved: value.describe('Share of good events over the budget’s window, at the end of the range'),
      left: value.describe('Share of the budget that is left; below 0 when overspent'),
      burn1h: value,
      burn6h: value,
      exhaustedIn: value,
      state: z.enum(['good', 'warning', 'bad', 'unknown']),
    }),
  ),
  sloWindow: z.number().describe('Seconds of the budget’s window'),
  alerts: z.array(
    z.object({
      name: z.string(),
      severity: z.enum(['critical', 'warning', 'info']),
      runbook: z.string(),
      spans: z.array(span),
    }),
  ),
  changes: z.array(z.object({ at: time, kind: z.enum(['model', 'restart']), what: z.string() })),
  times: z.array(time).describe('The times of every series'),
  panels: z.array(
    z.object({
      id: z.string(),
      group: z.string(),
      title: z.string(),
      description: z.string(),
      unit: z.enum(UNITS),
      view: z.enum(['lines', 'stacked', 'number', 'heatmap', 'table']),
      threshold: z
        .object({ when: z.enum(['above', 'below']), warning: z.number(), bad: z.number() })
        .optional()
        .describe('Absent where none makes sense'),
      runbook: z
        .string()
        .describe('Page of docs/runbooks that says what to do: the name of an alert, or Page#section'),
      promql: z.array(z.string()),
      series: z
        .array(z.object({ legend: z.string(), values: z.array(value) }))
        .describe('Of a heat map: observations per second in each bucket; the legend is its upper edge'),
    }),
  ),
})

export type Report = z.infer<typeof answer>
