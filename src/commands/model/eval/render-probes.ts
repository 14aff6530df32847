// How robustness, shortcuts and explanations read on a terminal, within 80 columns: each figure with its interval.

import { tally } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import type { EvalAnswer } from './answer.ts'

type Shift = NonNullable<EvalAnswer['robustness']>['changes'][number]
type Interval = NonNullable<Shift['moved']>

/** How the methods of explaining are called, here and on the page. */
export const METHOD_NAMES = { sentences: 'each alone', full: 'leave one out' } as const

const NAME = 14
/** Widths of a column, where there are three and four of them. */
const THREE = 20
const FOUR = 16

export function robustnessLines({ robustness }: EvalAnswer, paint: Paint): string[] {
  if (!robustness) return []
  return [
    paint.bold(`Robustness, in % of ${tally(robustness.texts, 'text')}`),
    heads(paint, FOUR, 'leaning flips', 'verdict flips', 'withheld newly', 'moved by'),
    ...robustness.changes.map(({ name, n, leaningFlipped, verdictFlipped, withheld, moved }) =>
      n === 0
        ? unaltered(name)
        : row(name, FOUR, [leaningFlipped, verdictFlipped, withheld, moved].map(hundredths)),
    ),
    paint.dim('  Verdict flips (Fake to Real or back) and newly withheld ones: of the verdicts'),
    paint.dim('  given before. Moved by: points of probability, either way.'),
  ]
}

export function shortcutLines({ shortcuts }: EvalAnswer, paint: Paint): string[] {
  if (!shortcuts) return []
  return [
    paint.bold(`Shortcuts: what moves the model, ${tally(shortcuts.texts, 'text')}`),
    heads(paint, THREE, 'towards Fake', 'moved by', 'leaning flips'),
    ...shortcuts.changes.map(({ name, what, n, towardsFake, moved, leaningFlipped }) =>
      n === 0
        ? unaltered(name)
        : `${row(name, THREE, [signed(towardsFake), ...[moved, leaningFlipped].map(hundredths)])}\n${paint.dim(`    ${what}`)}`,
    ),
    paint.dim('  Points of probability; below 0 is towards Real. Flips: in % of the texts.'),
  ]
}

export function explanationLines({ explanations }: EvalAnswer, paint: Paint): string[] {
  if (!explanations) return []
  const { n, methods } = explanations
  const title = paint.bold(`Explanations, ${tally(n, 'text')} of 3 sentences or more`)
  if (n === 0) return [title]
  return [
    title,
    heads(paint, THREE, 'fall, top out', 'fall, any out', 'more by'),
    ...methods.map(({ method, fall, randomFall, gain }) =>
      row(METHOD_NAMES[method], THREE, [fall, randomFall, gain].map(hundredths)),
    ),
    heads(paint, THREE, 'agreement', 'cost'),
    ...methods.map(({ method, agreement, cost }) =>
      row(METHOD_NAMES[method], THREE, [plainly(agreement), times(cost)]),
    ),
    paint.dim('  Fall: points that the probability loses without the sentence named first, and'),
    paint.dim('  without one taken at random. Agreement: rank correlation with leave one out.'),
    paint.dim('  Cost: times one prediction.'),
  ]
}

const heads = (paint: Paint, width: number, ...names: readonly string[]): string =>
  paint.dim(' '.repeat(NAME + 2) + names.map((name) => name.padStart(width)).join(''))

const row = (name: string, width: number, cells: readonly string[]): string =>
  `  ${name.padEnd(NAME)}${cells.map((cell) => cell.padStart(width)).join('')}`

const unaltered = (name: string): string => `  ${name.padEnd(NAME)}  changed none of the texts`

/** A share in percent, or a probability in points: `4.0 (2.1–6.3)`. */
export const hundredths = (figure: Interval | null): string => told(figure, (value) => short(value * 100))

/** The same with its sign. */
export const signed = (figure: Interval | null): string =>
  figure && figure.value > 0 ? `+${hundredths(figure)}` : hundredths(figure)

/** Two decimals, as rank correlations are read. */
export const plainly = (figure: Interval | null): string => told(figure, (value) => fixed(value, 2))

/** A factor. */
export const times = (figure: Interval | null): string => told(figure, short)

function told(figure: Interval | null, text: (value: number) => string): string {
  if (!figure) return '–'
  const { value, low, high } = figure
  // A dash before a minus cannot be read.
  return `${text(value)} (${text(low)}${low < 0 ? ' to ' : '–'}${text(high)})`
}

/** One decimal; none from 10 on, where it says nothing. */
const short = (value: number): string => fixed(value, Math.abs(value) < 9.95 ? 1 : 0)

const fixed = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(?=0\.?0*$)/, '')
