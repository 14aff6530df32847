// Colours and marks. A meaning never rests on colour alone: every mark has its own sign.

import { Chalk } from 'chalk'
import type { Mark } from '../mark.ts'

export type Paint = ReturnType<typeof createPaint>

/** A sign that needs no colour. */
const SIGNS: Record<Mark, string> = { good: '√', warning: '‼', bad: '×', unknown: '?' }

/** Colours by meaning; identity functions when `color` is false. */
export function createPaint(color: boolean) {
  const c = new Chalk({ level: color ? 1 : 0 })
  const tint: Record<Mark, (s: string) => string> = {
    good: c.green,
    warning: c.yellow,
    bad: c.red,
    unknown: c.gray,
  }
  return {
    bold: (s: string) => c.bold(s),
    dim: (s: string) => c.dim(s),
    accent: (s: string) => c.cyan(s),
    good: (s: string) => c.green(s),
    warning: (s: string) => c.yellow(s),
    bad: (s: string) => c.red(s),
    /** The text in the colour of the mark. */
    as: (mark: Mark, s: string) => tint[mark](s),
    /** The sign of the mark, in its colour: √ ‼ × ? */
    mark: (mark: Mark) => tint[mark](SIGNS[mark]),
  }
}
