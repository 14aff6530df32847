import { describe, expect, it } from 'vitest'
import { render } from '../../../src/commands/slo/render.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import { alerts } from '../../../src/observe/alerts.ts'
import { budgetOf } from '../../../src/observe/budget.ts'
import { objectives } from '../../../src/observe/slo.ts'
import { thresholdOf } from '../../../src/observe/thresholds.ts'
import { createPaint } from '../../../src/output/paint.ts'

const { slo } = settingsSchema.parse({})
const [availability] = objectives(slo)
const budget = (bad: number | null, bad1h: number | null) => {
  if (!availability) throw new Error('there is no objective')
  return budgetOf({ objective: availability, bad, bad1h, bad6h: bad1h }, slo)
}

describe('the error budget of 99 % over 30 days', () => {
  it('is half spent at 0.5 % bad, and lasts 15 days at twice the pace', () => {
    const half = budget(0.005, 0.01)
    expect(half).toMatchObject({ achieved: 0.995, state: 'good' })
    expect(half.left).toBeCloseTo(0.5, 9)
    expect(half.exhaustedIn).toBeCloseTo(15 * 86_400, 3)
  })

  it.each([
    ['nothing is bad', 0, 0, 'good'],
    ['it burns faster than allowed', 0.001, 0.02, 'warning'],
    ['it burns so fast that somebody is called', 0.001, 0.2, 'bad'],
    ['it is spent', 0.02, 0, 'bad'],
    ['there was no traffic', null, null, 'unknown'],
  ])('when %s', (_, bad, bad1h, state) => expect(budget(bad, bad1h).state).toBe(state))

  it('reads plainly', () => {
    const text = render(
      {
        window: slo.window,
        history: 7200,
        since: '2026-11-25T10:00:00.000Z',
        budgets: [budget(0.005, 0.02), budget(null, null)],
      },
      createPaint(false),
    )
    expect(text).toMatchSnapshot()
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('that is overspent says how many times over', () => {
    const text = render(
      { window: slo.window, history: slo.window, budgets: [budget(0.0986, 0.02)] },
      createPaint(false),
    )
    expect(text).toMatch(/budget left {2}░+ none: 9\.86 times the budget was spent$/m)
    expect(text).not.toContain('-')
  })
})

it.each([30, 7, 1])('turns red on the panel where the alert fires, with a window of %i days', (days) => {
  const settings = { ...slo, window: days * 86_400 }
  const { warning, bad = Number.NaN } = thresholdOf('budgetBurn', settings) ?? {}
  const share = Number((bad * (1 - slo.availability)).toPrecision(6))
  expect(alerts(settings)[0]?.expr).toContain(`> ${share}`)
  expect(warning).toBeLessThanOrEqual(bad)
})
