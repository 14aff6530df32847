// Handles `fnd slo`.

import type { z } from 'zod'
import { EXIT } from '../../errors/exit.ts'
import { budgetOf, measure } from '../../observe/budget.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import type { Handler } from '../command.ts'
import { prometheusAddress } from '../stack.ts'
import type { answer } from './answer.ts'
import { render } from './render.ts'

export const run: Handler = async (_args, options, ctx) => {
  const { slo } = await ctx.settings()
  await using prometheus = await prometheusAddress('slo', options, ctx)
  const measured = await measure(prometheusClient(prometheus.url), slo, ctx.signal)
  const data: z.infer<typeof answer> = {
    window: slo.window,
    budgets: measured.map((one) => budgetOf(one, slo)),
  }
  ctx.out.answer(data, render)
  return data.budgets.some((budget) => budget.state === 'bad') ? EXIT.unhealthy : EXIT.good
}
