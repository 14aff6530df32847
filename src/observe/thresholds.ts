// When a value is worth a warning and when it is bad: the catalogue's thresholds and the objectives of the settings.

import { CATALOGUE, type PanelName } from './catalogue.ts'
import { FIGURES, type FigureName } from './health.ts'
import { limitsOf, type Threshold } from './panel.ts'
import { BURN_WINDOWS, burnFactor, type SloSettings } from './slo.ts'

/** The figures that are judged. */
const JUDGED = ['errors', 'p95', 'queueShare', 'memoryShare', 'eventLoop', 'throttling'] as const

/** The threshold of an entry; for errors, latency and the budget the objectives stand in the place of the catalogue's defaults. */
export function thresholdOf(name: PanelName, slo: SloSettings): Threshold | undefined {
  const allowed = 1 - slo.availability
  if (name === 'errorRate') return { when: 'above', warning: allowed / 2, bad: allowed }
  if (name === 'predictionLatency' || name === 'predictionMean')
    return { when: 'above', warning: slo.latency / 2, bad: slo.latency }
  if (name === 'budgetBurn') {
    const bad = burnFactor(BURN_WINDOWS[0], slo)
    // Above 1 the budget does not last; over a short window, somebody is called before.
    return { when: 'above', warning: Math.min(1, bad), bad }
  }
  return limitsOf(CATALOGUE[name])
}

/** The thresholds of the figures that are judged. */
export function thresholdsFor(slo: SloSettings): Partial<Record<FigureName, Threshold>> {
  return Object.fromEntries(
    JUDGED.flatMap((name) => {
      const threshold = thresholdOf(FIGURES[name].panel, slo)
      return threshold ? [[name, threshold]] : []
    }),
  )
}

export function levelOf(value: number, { when, warning, bad }: Threshold): 'good' | 'warning' | 'bad' {
  const beyond = (limit: number) => (when === 'above' ? value > limit : value < limit)
  return beyond(bad) ? 'bad' : beyond(warning) ? 'warning' : 'good'
}
