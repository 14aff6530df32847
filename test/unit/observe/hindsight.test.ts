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
