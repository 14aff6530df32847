// What a range in which the backend was away is called.

import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { judgeHistory } from '../../../src/observe/hindsight.ts'
import type { History } from '../../../src/observe/history.ts'

const { slo } = settingsSchema.parse({})

/** A range without traffic in which only the targets are known. */
function history(up: (number | null)[]): History {
  return {
    from: 0,
    to: up.length * 15,
    step: 15,
    rateRange: '1m',
    times: up.map((_, at) => at * 15),
    panels: [{ name: 'targetsUp', promql: [], series: [{ legend: 'up', values: up }] }],
    alerts: [],
    changes: [],
    objectives: [],
  }
}
const outage = (up: (number | null)[]) =>
  judgeHistory(history(up), slo).findings.find(({ what }) => what.startsWith('No backend instance'))?.what

describe('a backend that did not answer its scrapes', () => {
  it('was only starting when the stack came up within the range', () =>
    expect(outage([null, null, 0, 0, 1, 1])).toBeUndefined())

  it('was down when it had answered before', () =>
    expect(outage([null, null, 0, 1, 0, 0, 1])).toMatch(/for 30 s$/))

  it('was down when the range begins with it', () => expect(outage([0, 0, 1])).toMatch(/for 30 s$/))

  it('was down when it never came, or came late', () => {
    expect(outage([null, 0, 0])).toMatch(/for 30 s$/)
    expect(outage([null, ...Array.from({ length: 20 }, () => 0), 1])).toMatch(/for 5 min$/)
  })
})

it('tells moments with their date where the range goes over midnight', () => {
  const day = Date.UTC(2026, 10, 25) / 1000
  const told = (to: number) => {
    const changes = [{ at: day + 50_400, kind: 'model' as const, what: 'model fnd-base 1.1.0 answers' }]
    const whole = { ...history([1, 1]), from: day, to, changes }
    return judgeHistory(whole, slo).findings.map(({ what }) => what)
  }
  expect(told(day + 80_000)).toContain('14:00 model fnd-base 1.1.0 answers')
  expect(told(day + 90_000)).toContain('2026-11-25 14:00 model fnd-base 1.1.0 answers')
})
