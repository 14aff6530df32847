// Puts readings and their judgement together into the answer of `fnd health`.

import type { z } from 'zod'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import { FIGURE_NAMES, FIGURES, type FigureName, type Readings, unitOf } from '../../observe/health.ts'
import { trendSpan } from '../../observe/health-source.ts'
import type { Verdict } from '../../observe/verdict.ts'
import type { answer } from './answer.ts'

export type Report = z.infer<typeof answer>

/** 3 when unhealthy; a warning is no failure. */
export function exitOf(report: Pick<Report, 'state'>): ExitCode {
  return report.state === 'unhealthy' ? EXIT.unhealthy : EXIT.good
}

/** The answer; `at` is in milliseconds since 1970. */
export function reportOf(
  readings: Readings,
  verdict: Verdict,
  source: { stack?: string; url: string; note?: string },
  at: number,
): Report {
  const { figures: values, trends, source: kind, ...rest } = readings
  const figures = Object.fromEntries(
    FIGURE_NAMES.map((name: FigureName) => [
      name,
      {
        title: FIGURES[name].title,
        unit: unitOf(name),
        value: values[name],
        mark: verdict.marks[name],
        trend: trends[name] ?? [],
      },
    ]),
  ) as Report['figures']
  return {
    state: verdict.state,
    findings: verdict.findings,
    source: { kind, ...source },
    at: new Date(at).toISOString(),
    figures,
    trendSeconds: trendSpan(readings.window),
    ...rest,
  }
}
