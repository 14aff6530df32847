// How an error reads on a terminal: what, why, what to do.

import type { ErrorReport } from '../errors/error.ts'
import type { Paint } from './paint.ts'
import { hang } from './prose.ts'

/** The lines of an error report, at most `width` columns each, without a final newline. */
export function reportLines(report: ErrorReport, paint: Paint, width: number): string {
  const more = ' '.repeat(8)
  return [
    hang(`${paint.mark('bad')} ${harmless(report.message)} ${paint.dim(`[${report.code}]`)}`, width, '  '),
    ...(report.cause ? [hang(`  ${paint.dim('cause')} ${harmless(report.cause)}`, width, more)] : []),
    hang(`  ${paint.dim('mend')}  ${harmless(report.hint)}`, width, more),
  ].join('\n')
}

/** Errors quote what others wrote: control characters, but for line ends, do not reach the terminal. */
const harmless = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, ' ')
