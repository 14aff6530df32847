// How a verdict reads on a terminal, within 80 columns.

import type { Label, SentenceInfluence, UncertainReason } from '../../detector/detector.ts'
import { onUnseenSources } from '../../detector/unseen.ts'
import { count, percent, seconds, tally } from '../../format.ts'
import type { Mark } from '../../mark.ts'
import type { Paint } from '../../output/paint.ts'
import { oneLine, wrap } from '../../output/prose.ts'
import { shareBar } from '../../output/trend.ts'
import type { Summary, Verdict } from './answer.ts'

const WIDEST = 80
const MARKS: Record<Label, Mark> = { Fake: 'bad', Real: 'good', Uncertain: 'warning' }
const REASONS: Record<UncertainReason, string> = {
  too_short: 'It has too few words to be judged.',
  not_english: 'It does not seem to be English, the only language that the model has learned.',
  headline: 'It looks like a headline alone, which says too little unless the model is very sure.',
  low_confidence: 'The model is not sure enough either way.',
}
const HONEST = 'It says how a text reads, not whether it is true.'
const MOST_SENTENCES = 8
const HALF = 7
const BAR = 40

/** The verdict, why, what moved the model, and who said so. */
export function renderVerdict(data: Verdict, paint: Paint, columns: number): string {
  const width = Math.min(columns, WIDEST) - 2
  const paragraphs = [
    data.article?.title ? [paint.bold(oneLine(data.article.title))] : [],
    [`${paint.mark(MARKS[data.label])} ${headlineOf(data, paint)}`],
    data.reason ? wrap(REASONS[data.reason], width).map(indent) : [],
    (['Fake', 'Real'] as const).map((label) => probabilityLine(label, data, paint)),
    data.explanation?.length ? explanationLines(data.explanation, width, paint) : [],
    wrap(`${HONEST} ${onUnseenSources(data.model)}`, width).map((line) => paint.dim(indent(line))),
    [
      paint.dim(
        indent(
          `${data.model.name} ${data.model.version} · ${tally(data.tokens, 'token')} · ${seconds(data.latencyMs / 1000)} · ${data.where === 'stack' ? 'running stack' : 'this process'}`,
        ),
      ),
    ],
  ]
  return paragraphs
    .filter((lines) => lines.length)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** One line about a run over many rows. */
export function renderSummary(data: Omit<Summary, 'output'>): string {
  const { Fake, Real, Uncertain } = data.verdicts
  const rate = data.seconds > 0 ? ` · ${count(data.rows / data.seconds)} rows/s` : ''
  const model = data.model ? ` · ${data.model.name} ${data.model.version}` : ''
  return `${count(Fake)} Fake, ${count(Real)} Real, ${count(Uncertain)} Uncertain, ${count(data.failed)} not judged${rate}${model}`
}

function headlineOf({ label, confidence, probabilities }: Verdict, paint: Paint): string {
  const name = paint.bold(paint.as(MARKS[label], label))
  if (label !== 'Uncertain')
    return `${name}, and the model is ${surenessOf(confidence)} (${percentOf(confidence)})`
  return `${name}, leaning to ${probabilities.fake >= probabilities.real ? 'Fake' : 'Real'} (${percentOf(confidence)})`
}

function surenessOf(confidence: number): string {
  if (confidence >= 0.95) return 'very sure'
  return confidence >= 0.85 ? 'sure' : 'fairly sure'
}

/** Never 100 %: a calibrated probability is below 1. */
function percentOf(share: number): string {
  return percent(Math.min(0.999, Math.max(0.001, Math.round(share * 1000) / 1000)))
}

function probabilityLine(label: 'Fake' | 'Real', { probabilities }: Verdict, paint: Paint): string {
  const share = label === 'Fake' ? probabilities.fake : probabilities.real
  const [full, empty] = shareBar(share, BAR)
  return `  ${label}  ${paint.as(MARKS[label], full)}${paint.dim(empty)}  ${percentOf(share)}`
}

function explanationLines(explanation: readonly SentenceInfluence[], width: number, paint: Paint): string[] {
  const strongest = explanation.toSorted((a, b) => Math.abs(b.influence) - Math.abs(a.influence))
  const shown = strongest.slice(0, MOST_SENTENCES)
  const scale = Math.max(...shown.map(({ influence }) => Math.abs(influence)), Number.MIN_VALUE)
  const room = width - (2 * HALF + 12)
  const lines = shown.flatMap(({ sentence, influence }) =>
    wrap(oneLine(sentence), Math.max(room, 20), 2).map((text, at) =>
      at === 0
        ? `  ${influenceBar(influence / scale, paint)} ${signed(influence)}  ${text}`
        : `  ${' '.repeat(HALF)}${paint.dim('│')}${' '.repeat(HALF + 9)}${text}`,
    ),
  )
  const rest = strongest.length - shown.length
  return [
    paint.bold('What moved the model'),
    paint.dim(`  ${'← Real'.padStart(HALF)}│Fake →`),
    ...lines,
    ...(rest > 0 ? [paint.dim(`  and ${tally(rest, 'sentence')} that moved it less`)] : []),
  ]
}

/** A bar from the middle: to the left for Real, to the right for Fake; anything but nothing is at least one cell. */
function influenceBar(share: number, paint: Paint): string {
  const cells = share === 0 ? 0 : Math.max(1, Math.round(Math.abs(share) * HALF))
  const bar = '█'.repeat(cells)
  const space = ' '.repeat(HALF - cells)
  const axis = paint.dim('│')
  return share < 0
    ? `${space}${paint.as('good', bar)}${axis}${' '.repeat(HALF)}`
    : `${' '.repeat(HALF)}${axis}${paint.as('bad', bar)}${space}`
}

function signed(influence: number): string {
  return `${influence < 0 ? '−' : '+'}${Math.abs(influence).toFixed(2)}`.padStart(6)
}

const indent = (line: string) => `  ${line}`
