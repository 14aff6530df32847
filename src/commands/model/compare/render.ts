// Both versions as a terminal shows them: a column each, then what the rule says.

import type { z } from 'zod'
import { count, number, percent, seconds } from '../../../format.ts'
import type { Mark } from '../../../mark.ts'
import type { Paint } from '../../../output/paint.ts'
import { oneLine, wrap } from '../../../output/prose.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>
type Version = Answer['serving']

const MARKS: Record<Answer['verdict'], Mark> = { sound: 'good', worse: 'bad', undecided: 'unknown' }
const NAME_WIDTH = 12
const MOST_COLUMN = 28

/** The table, no line longer than `columns` where the address allows it. */
export function renderComparison(data: Answer, paint: Paint, columns: number): string {
  const { serving, canary, stands, shadow, source } = data
  const heads = [
    `serving ${serving.version}`,
    stands.mode === 'shadow'
      ? `shadow ${canary.version}`
      : `canary ${canary.version} (${percent(stands.share)})`,
  ].map(oneLine)
  const width = Math.min(MOST_COLUMN, Math.max(14, ...heads.map((text) => text.length)))
  const row = (name: string, of: (version: Version) => string) =>
    `  ${name.padEnd(NAME_WIDTH)}${[serving, canary].map((version) => of(version).padStart(width)).join('  ')}`
  const time = (name: 'p50' | 'p95' | 'mean') =>
    row(name, (version) => (version[name] === null ? '–' : seconds(version[name])))
  const labels = [...new Set([serving, canary].flatMap(({ verdicts }) => Object.keys(verdicts)))].sort()
  const about = `${data.period} · ${source.url.replace(/^https?:\/\/|\/$/g, '')}${source.kind === 'backend' ? '/metrics' : ''}`
  return [
    paint.bold(data.address),
    ...wrap(about, columns).map(paint.dim),
    ...(source.note ? wrap(source.note, columns).map(paint.dim) : []),
    '',
    paint.dim(
      `  ${' '.repeat(NAME_WIDTH)}${heads.map((text) => text.slice(0, width).padStart(width)).join('  ')}`,
    ),
    row('texts', ({ texts }) => count(texts)),
    row('errors', ({ texts, errors }) => (texts ? percent(errors / texts) : '–')),
    time('p50'),
    time('p95'),
    time('mean'),
    ...labels.map((label) =>
      row(label, ({ texts, errors, verdicts }) => (texts > errors ? percent(verdicts[label] ?? 0) : '–')),
    ),
    row('confidence', ({ confidence }) => (confidence === null ? '–' : number(confidence))),
    ...(shadow
      ? wrap(sameTexts(shadow), columns - 2 - NAME_WIDTH).map(
          (line, at) => `  ${(at === 0 ? 'same texts' : '').padEnd(NAME_WIDTH)}${line}`,
        )
      : []),
    '',
    ...verdictLines(data, paint, columns),
  ].join('\n')
}

function sameTexts({ compared, disagreed, difference, dropped }: NonNullable<Answer['shadow']>): string {
  return [
    `${count(compared)} read by both`,
    ...(compared
      ? [
          `${count(disagreed)} with another verdict (${percent(disagreed / compared)})`,
          `mean difference of the probability ${number(difference ?? 0)}`,
        ]
      : []),
    ...(dropped ? [`${count(dropped)} left out, as clients needed the cores`] : []),
  ].join(', ')
}

const ACTIONS: Record<NonNullable<Answer['action']>, string> = {
  promoted: 'promoted: it serves from now on',
  rolled_back: 'rolled back: it is gone',
  would_promote: 'would be promoted (--dry-run: nothing was moved)',
  would_roll_back: 'would be rolled back (--dry-run: nothing was moved)',
}

function verdictLines({ verdict, reasons, canary, action }: Answer, paint: Paint, columns: number): string[] {
  const text = {
    sound: `${canary.version} is sound: within all limits of the rule`,
    worse: `${canary.version} is worse: ${reasons.join('; ')}`,
    undecided: reasons.join('; '),
  }[verdict]
  const [first = '', ...more] = wrap(oneLine(text), columns - 2)
  return [
    `${paint.mark(MARKS[verdict])} ${paint.as(MARKS[verdict], first)}`,
    ...more.map((line) => `  ${paint.as(MARKS[verdict], line)}`),
    ...(action ? [`  ${paint.bold(`${oneLine(canary.version)} ${ACTIONS[action]}`)}`] : []),
  ]
}
