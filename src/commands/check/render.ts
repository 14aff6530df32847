// How check results read on a terminal: grouped lines, each failure with its cause and what mends it.

import type { Mark } from '../../mark.ts'
import type { Paint } from '../../output/paint.ts'
import { hang } from '../../output/prose.ts'
import type { CheckResult } from '../../runtime/runtime.ts'

const MARKS: Record<CheckResult['outcome'], Mark> = {
  pass: 'good',
  warn: 'warning',
  fail: 'bad',
  skip: 'unknown',
}

/** One result, under its group's heading when it is the group's first; at most `columns` wide. */
export function renderResult(result: CheckResult, first: boolean, paint: Paint, columns: number): string {
  const { group, title, outcome, detail, mend } = result
  const heading = first ? [`\n${paint.bold(group)}\n${'-'.repeat(group.length)}`] : []
  const line = `${paint.mark(MARKS[outcome])} ${title}${outcome === 'pass' && detail ? ` ${paint.dim(detail)}` : ''}`
  const why = outcome !== 'pass' && detail ? [hang(`    ${detail}`, columns, '    ')] : []
  const how =
    outcome === 'pass' || outcome === 'skip' || !mend
      ? []
      : [hang(`    ${paint.accent(`mend: ${mend}`)}`, columns, ' '.repeat(10))]
  return [...heading, hang(line, columns, '  '), ...why, ...how].join('\n')
}

/** The last line: how many passed, and what that means. */
export function renderVerdict(results: readonly CheckResult[], paint: Paint): string {
  const number = (outcome: CheckResult['outcome']) => results.filter((one) => one.outcome === outcome).length
  const failed = number('fail')
  const rest = [
    [number('warn'), 'with a warning'],
    [number('skip'), 'skipped'],
    [failed, 'failed'],
  ] as const
  const tail = [`${number('pass')} passed`, ...rest.flatMap(([n, how]) => (n ? `${n} ${how}` : []))].join(
    ', ',
  )
  return `\n${failed ? `Status ${paint.mark('bad')}` : `Status ${paint.mark('good')}`} ${tail}`
}
