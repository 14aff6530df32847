// How the summary of a report reads on a terminal.

import { moment, percent, seconds } from '../../format.ts'
import type { Mark } from '../../mark.ts'
import type { Paint } from '../../output/paint.ts'
import { wrap } from '../../output/prose.ts'
import type { Report } from './answer.ts'

const STATE_MARK = { healthy: 'good', warning: 'warning', unhealthy: 'bad', unknown: 'unknown' } as const
const LEVEL_MARK = { bad: 'bad', warning: 'warning', info: 'unknown' } as const satisfies Record<string, Mark>

/** What a state means, in words. */
export const STATE_WORDS = {
  healthy: 'healthy',
  warning: 'healthy, with warnings',
  unhealthy: 'unhealthy',
  unknown: 'unknown',
} as const

export function render(report: Report, paint: Paint, columns: number): string {
  const lines = (text: string, indent: string) => wrap(text, columns - indent.length).map((l) => indent + l)
  return [
    `${paint.mark(STATE_MARK[report.state])} ${paint.bold(STATE_WORDS[report.state])}  ${paint.dim(rangeText(report))}`,
    ...report.findings.flatMap(({ level, what, cause, mend }) => {
      const [first = '', ...more] = lines(what, '  ')
      const mark = level === 'info' ? paint.dim('i') : paint.mark(LEVEL_MARK[level])
      return [
        `${mark}${first.slice(1)}`,
        ...more,
        ...(cause ? lines(`cause ${cause}`, '    ') : []),
        ...(mend ? lines(`mend  ${mend}`, '    ').map(paint.dim) : []),
      ]
    }),
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
