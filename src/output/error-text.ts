// How an error reads on a terminal: what, why, what to do.

import type { ErrorReport } from '../errors/error.ts'
import type { Paint } from './paint.ts'

/** The lines of an error report, without a final newline. */
export function reportLines(report: ErrorReport, paint: Paint): string {
  return [
    `${paint.mark('bad')} ${report.message} ${paint.dim(`[${report.code}]`)}`,
    ...(report.cause ? [`  ${paint.dim('cause')} ${report.cause}`] : []),
    `  ${paint.dim('mend ')} ${report.hint}`,
  ].join('\n')
}
