// How a finding reads on a terminal: what is wrong, and below it why and what mends it.

import type { z } from 'zod'
import type { Mark } from '../mark.ts'
import type { Paint } from '../output/paint.ts'
import { hang } from '../output/prose.ts'
import type { finding } from './judged.ts'

const MARK_OF = { bad: 'bad', warning: 'warning', info: 'unknown' } as const satisfies Record<string, Mark>

/** Lines no wider than `columns`, but for what is to be copied; compact, what mends it is left out. */
export function findingLines(
  one: z.output<typeof finding>,
  paint: Paint,
  columns: number,
  compact = false,
): string[] {
  const { level, what, cause, mend } = one
  const lines = (text: string, width: number, indent: string) => hang(text, width, indent).split('\n')
  const detail = (label: string, text: string | undefined) =>
    text ? lines(`    ${label} ${text}`, columns, ' '.repeat(10)) : []
  const mark = MARK_OF[level]
  const [first = '', ...more] = lines(what, columns - 2, '  ')
  return [
    `${level === 'info' ? paint.dim('i') : paint.mark(mark)} ${paint.as(mark, first)}`,
    ...more.map((text) => paint.as(mark, text)),
    ...detail('cause', cause),
    ...(compact ? [] : detail('mend ', mend).map((text) => paint.dim(text))),
  ]
}
