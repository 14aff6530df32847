// How an evaluation reads on a terminal, within 80 columns.

import { count, number, percent, tally } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import { hang, oneLine } from '../../../output/prose.ts'
import type { EvalAnswer } from './answer.ts'
import { explanationLines, robustnessLines, shortcutLines } from './render-probes.ts'

type Group = EvalAnswer['overall']
type Interval = Group['accuracy']

const WIDEST = 80
const NAME = 24
const BAR = 30

/** All figures, most important first. */
export function renderEvaluation(data: EvalAnswer, paint: Paint): string {
  const failed = data.data.rows - data.data.judged
  return [
    [
      paint.bold(`${data.model.name} ${data.model.version} on ${data.data.file}`),
      `  ${tally(data.data.judged, 'text')} judged, ${percent(shortened(data.overall.fakes))} of them fake`,
      ...(failed
        ? [hang(`  ${paint.mark('warning')} ${count(failed)} not judged: ${codes(data)}`, WIDEST, '    ')]
        : []),
      ...data.data.wrong.map(({ row, problem }) =>
        hang(`    row ${row}: ${oneLine(problem)}`, WIDEST, '      '),
      ),
    ],
    qualityLines('All texts', data.overall, paint),
    data.balanced ? qualityLines('Each source weighing the same', data.balanced, paint) : [],
    verdictLines(data, paint),
    data.sources.length > 1 ? tableOf('Source', data.sources, paint) : [],
    tableOf('Tokens', data.lengths, paint),
    reliabilityLines(data, paint),
    riskLines(data, paint),
    robustnessLines(data, paint),
    shortcutLines(data, paint),
    explanationLines(data, paint),
    [
      `${paint.dim('Speed'.padEnd(14))} ${number(data.speed.textsPerSecond)} texts/s, ${data.speed.concurrency} at a time; p50 ${number(data.latency.p50)} ms, p95 ${number(data.latency.p95)} ms, p99 ${number(data.latency.p99)} ms`,
    ],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** A figure with its interval: `.923 (.915 to .931)`. */
export function figure({ value, low, high }: Interval): string {
  return `${plain(value)} (${plain(low)} to ${plain(high)})`
}

/** Three decimals: the measures of classifiers are read so. */
export function plain(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3).replace(/^0/, '')
}

function qualityLines(
  title: string,
  { accuracy, macroF1, auroc, ece }: Pick<Group, 'accuracy' | 'macroF1' | 'auroc' | 'ece'>,
  paint: Paint,
): string[] {
  return [
    paint.bold(title),
    `  ${'Accuracy'.padEnd(NAME)} ${figure(accuracy)}`,
    `  ${'Macro-F1'.padEnd(NAME)} ${figure(macroF1)}`,
    `  ${'AUROC'.padEnd(NAME)} ${auroc ? figure(auroc) : 'only one class is there'}`,
    `  ${'Calibration error (ECE)'.padEnd(NAME)} ${figure(ece)}`,
  ]
}

function verdictLines({ overall, confusion, withheld }: EvalAnswer, paint: Paint): string[] {
  const row = (name: string, { Fake, Real, Uncertain }: EvalAnswer['confusion']['fake']) =>
    `  ${name.padEnd(NAME)} ${[Fake, Real, Uncertain].map((n) => count(n).padStart(9)).join(' ')}`
  const reasons = Object.entries(withheld).filter(([, n]) => n > 0)
  return [
    paint.bold('Verdicts'),
    `  ${'Given'.padEnd(NAME)} ${percent(shortened(overall.coverage))} of the texts, ${overall.right === null ? 'none' : percent(shortened(overall.right))} of these right`,
    ...(overall.realCalledFake === null
      ? []
      : [
          `  ${'Real texts called Fake'.padEnd(NAME)} ${percent(shortened(overall.realCalledFake))} of the verdicts on real texts`,
        ]),
    ...(reasons.length
      ? [
          hang(
            `  ${'Withheld'.padEnd(NAME)} ${reasons.map(([why, n]) => `${why.replace('_', ' ')} ${count(n)}`).join(', ')}`,
            WIDEST,
            ' '.repeat(NAME + 3),
          ),
        ]
      : []),
    paint.dim(
      `  ${'Truth'.padEnd(NAME)} ${['Fake', 'Real', 'Uncertain'].map((head) => head.padStart(9)).join(' ')}`,
    ),
    row('fake', confusion.fake),
    row('real', confusion.real),
  ]
}

function tableOf(title: string, groups: readonly Group[], paint: Paint): string[] {
  const heads = ['texts', 'accuracy', 'AUROC', 'ECE', 'verdicts', 'right']
  const width = [7, 9, 6, 6, 9, 7]
  const line = (cells: readonly string[]) => cells.map((cell, at) => cell.padStart(width[at] ?? 0)).join(' ')
  return [
    paint.bold(title.padEnd(NAME + 2)) + paint.dim(line(heads)),
    ...groups.map(
      (group) =>
        `  ${group.name.slice(0, NAME).padEnd(NAME)}${line([
          count(group.n),
          plain(group.accuracy.value),
          plain(group.auroc?.value),
          plain(group.ece.value),
          percent(shortened(group.coverage)),
          group.right === null ? '–' : percent(shortened(group.right)),
        ])}`,
    ),
  ]
}

function reliabilityLines({ reliability }: EvalAnswer, paint: Paint): string[] {
  return [
    paint.bold('Confidence and how often it was right'),
    ...reliability
      .filter(({ n }) => n > 0)
      .map(({ n, confidence, accuracy }) => {
        const cells = Math.round(accuracy * BAR)
        return `  ${plain(confidence)}  ${'█'.repeat(cells)}${paint.dim('░'.repeat(BAR - cells))}  ${plain(accuracy)}  ${paint.dim(tally(n, 'text'))}`
      }),
  ]
}

function riskLines({ riskCoverage }: EvalAnswer, paint: Paint): string[] {
  const told = riskCoverage.points.filter((_, at) => at % 4 === 3)
  return [
    paint.bold('If only the surest were answered'),
    ...told.map(
      ({ coverage, risk }) =>
        `  ${percent(shortened(coverage)).padStart(6)} answered, ${percent(shortened(risk))} of these wrong`,
    ),
    paint.dim(`  Area under the curve ${plain(riskCoverage.area)}; 0 is perfect`),
  ]
}

const codes = ({ data }: EvalAnswer): string =>
  Object.entries(data.failures)
    .map(([code, n]) => `${code} ${count(n)}`)
    .join(', ')

/** To a tenth of a percent. */
const shortened = (share: number): number => Math.round(share * 1000) / 1000
