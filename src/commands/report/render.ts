// How the summary of a report reads on a terminal.

import { moment, percent, seconds } from '../../format.ts'
import type { Paint } from '../../output/paint.ts'
import { findingLines } from '../finding-text.ts'
import type { Report } from './answer.ts'

const STATE_MARK = { healthy: 'good', warning: 'warning', unhealthy: 'bad', unknown: 'unknown' } as const

/** What a state means, in words. */
export const STATE_WORDS = {
  healthy: 'healthy',
  warning: 'healthy, with warnings',
  unhealthy: 'unhealthy',
  unknown: 'unknown',
} as const

export function render(report: Report, paint: Paint, columns: number): string {
  return [
    `${paint.mark(STATE_MARK[report.state])} ${paint.bold(STATE_WORDS[report.state])}  ${paint.dim(rangeText(report))}`,
    ...report.findings.flatMap((finding) => findingLines(finding, paint, columns)),
    '',
    ...report.objectives.map(
      (o) =>
        `  ${o.title.padEnd(14)}${o.achievedInRange === null ? 'no traffic' : `${percent(o.achievedInRange)} in the range`}, ${percent(o.target)} promised${o.left === null ? '' : `; ${percent(Math.max(0, o.left))} of the budget left`}`,
    ),
  ].join('\n')
}

/** The range in words. */
export function rangeText({ from, to }: Pick<Report, 'from' | 'to'>): string {
  return `${moment(from)} to ${moment(to)} UTC, ${seconds(to - from)}`
}
