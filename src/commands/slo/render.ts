// How error budgets read on a terminal.

import type { z } from 'zod'
import { number, percent, seconds } from '../../format.ts'
import type { Paint } from '../../output/paint.ts'
import { shareBar } from '../../output/trend.ts'
import { promDuration } from '../../units.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>
type Budget = Answer['budgets'][number]

const BAR = 30

export function render({ window, history, since, budgets }: Answer, paint: Paint): string {
  const shown = budgets.map((budget) => budgetLines(budget, window, paint).join('\n'))
  if (since !== undefined) {
    const [day, time] = [since.slice(0, 10), since.slice(11, 19)]
    shown.push(
      paint.dim(
        `Prometheus has watched for ${seconds(Math.round(history))}, since ${day} ${time} UTC.\nOf the ${promDuration(window)} before now, only that counts.`,
      ),
    )
  } else if (history === 0) shown.push(paint.dim('Prometheus has not scraped the backend yet.'))
  return shown.join('\n\n')
}

function budgetLines(budget: Budget, window: number, paint: Paint): string[] {
  const head = `${paint.mark(budget.state)} ${paint.bold(budget.title)}: ${percent(budget.target)} of ${budget.promise}`
  if (budget.left === null || budget.achieved === null) {
    return [head, paint.dim(`  no traffic in the last ${promDuration(window)}: nothing to tell from`)]
  }
  const bar = shareBar(budget.left, BAR).join('')
  return [
    head,
    `  achieved     ${percent(budget.achieved)} in the last ${promDuration(window)}`,
    `  budget left  ${paint.as(budget.state, bar)} ${leftText(budget.left, budget.target)}`,
    `  burn rate    ${times(budget.burn1h)} (last hour), ${times(budget.burn6h)} (last 6 hours)`,
    `  lasts        ${lasts(budget)}`,
  ]
}

/** A budget is a share of bad events: once it is spent, how often over says more than a share below zero. */
function leftText(left: number, target: number): string {
  if (left > 0) return percent(left)
  if (left === 0) return 'none'
  return target < 1 ? `none: ${number(1 - left)} times the budget was spent` : 'none: nothing may fail'
}

function times(burn: number | null): string {
  return burn === null ? 'no traffic' : `${number(burn)}x`
}

function lasts({ left, exhaustedIn, burn1h }: Budget): string {
  if (left !== null && left <= 0) return 'spent'
  if (exhaustedIn === null) return 'nothing burns now'
  return `${seconds(exhaustedIn)} at the pace of the last hour${burn1h !== null && burn1h <= 1 ? ', as planned' : ''}`
}
