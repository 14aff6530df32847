// Handles `fnd slo`.

import type { z } from 'zod'
import { EXIT } from '../../errors/exit.ts'
import { budgetOf, knownHistory, measure } from '../../observe/budget.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import type { Handler } from '../command.ts'
import { prometheusAddress } from '../stack.ts'
import type { answer } from './answer.ts'
import { render } from './render.ts'

/** A scrape or two at the edge of the window are no gap. */
const FILLED = 0.99

export const run: Handler = async (_args, options, ctx) => {
  const { slo } = await ctx.settings()
  await using prometheus = await prometheusAddress('slo', options, ctx)
  const client = prometheusClient(prometheus.url)
  const [measured, history] = await Promise.all([
    measure(client, slo, ctx.signal),
    knownHistory(client, slo.window, ctx.signal),
  ])
  const data: z.infer<typeof answer> = {
    window: slo.window,
    history,
    ...(history > 0 && history < FILLED * slo.window
      ? { since: new Date(ctx.now() - history * 1000).toISOString() }
      : {}),
    budgets: measured.map((one) => budgetOf(one, slo)),
  }
  ctx.out.answer(data, render)
  return data.budgets.some((budget) => budget.state === 'bad') ? EXIT.unhealthy : EXIT.good
}
