// The summary of a load run.

import { count, number, percent, seconds } from '../../format.ts'
import type { Paint } from '../../output/paint.ts'
import { hang } from '../../output/prose.ts'
import type { LoadAnswer } from './answer.ts'

/** What was sent, what came back, how long it took, what was judged; at most `columns` wide. */
export function renderLoad(data: LoadAnswer, paint: Paint, columns: number): string {
  const bad = data.failed + data.errors
  const rows: [string, string][] = [
    [
      'Sent',
      `${count(data.sent)} requests, ${number(data.achievedRps)} a second (asked for: ${number(data.targetRps)}); all over after ${seconds(data.seconds)}${data.interrupted ? ', interrupted' : ''}`,
    ],
    [
      'Answered',
      [
        `${count(data.ok)} ok`,
        `${count(data.refused)} 4xx`,
        ...(data.limited ? [`${count(data.limited)} limited (429)`] : []),
        paint.as(data.failed ? 'bad' : 'good', `${count(data.failed)} 5xx`),
        paint.as(data.errors ? 'bad' : 'good', `${count(data.errors)} without answer`),
      ].join(', '),
    ],
  ]
  if (data.bad.sent)
    rows.push([
      'Bad requests',
      paint.as(
        data.bad.refused === data.bad.sent ? 'good' : 'bad',
        `${count(data.bad.refused)} of ${count(data.bad.sent)} refused${data.bad.refused === data.bad.sent ? ', as they must be' : `; the other ${count(data.bad.sent - data.bad.refused)} got no 4xx`}`,
      ),
    ])
  if (data.retryAfter)
    rows.push(['Retry-After', `${count(data.retryAfter)} answers asked to come back later`])
  if (data.unsent)
    rows.push(['Not sent', paint.warning(`${count(data.unsent)} were due while every client was waiting`)])
  if (data.cutOff) rows.push(['Cut off', `${count(data.cutOff)} were under way when it was interrupted`])
  if (data.latency) {
    const { p50, p95, p99, max } = data.latency
    rows.push([
      'Latency',
      `p50 ${seconds(p50)}, p95 ${seconds(p95)}, p99 ${seconds(p99)}, max ${seconds(max)}`,
    ])
  }
  const judged = Object.values(data.verdicts).reduce((sum, n) => sum + n, 0)
  if (judged)
    rows.push([
      'Verdicts',
      Object.entries(data.verdicts)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([label, n]) => `${label} ${percent(Math.round((n / judged) * 1000) / 1000)}`)
        .join(', '),
    ])
  const mark = data.passedLimits.length ? 'bad' : bad || data.unsent ? 'warning' : 'good'
  return [
    `${paint.mark(mark)} ${paint.bold(`Load on ${data.target}`)}`,
    ...rows.map(([name, value]) => hang(`  ${paint.dim(name.padEnd(13))} ${value}`, columns, ' '.repeat(16))),
    ...data.passedLimits.map((limit) => hang(`  ${paint.mark('bad')} ${limit}`, columns, '    ')),
  ].join('\n')
}
