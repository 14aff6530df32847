// How an error reads on a terminal: what, why, what to do.

import type { ErrorReport } from '../errors/error.ts'
import type { Paint } from './paint.ts'

/** The lines of an error report, without a final newline. */
export function reportLines(report: ErrorReport, paint: Paint): string {
  return [
    `${paint.mark('bad')} ${harmless(report.message)} ${paint.dim(`[${report.code}]`)}`,
    ...(report.cause ? [`  ${paint.dim('cause')} ${harmless(report.cause)}`] : []),
    `  ${paint.dim('mend ')} ${harmless(report.hint)}`,
  ].join('\n')
}

/** Errors quote what others wrote: control characters, but for line ends, do not reach the terminal. */
const harmless = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, ' ')
