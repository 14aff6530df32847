// Handles `fnd slo`.

import type { z } from 'zod'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { budgetOf, measure } from '../../observe/budget.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import { openStack } from '../../runtime/open.ts'
import type { Handler } from '../command.ts'
import { parseUrl } from '../web-address.ts'
import type { answer } from './answer.ts'
import { render } from './render.ts'

export const run: Handler = async (_args, options, ctx) => {
  const settings = await ctx.settings()
  const ask = async (url: URL): Promise<z.infer<typeof answer>> => {
    const measured = await measure(prometheusClient(url), settings.slo, ctx.signal)
    return {
      window: settings.slo.window,
      budgets: measured.map((one) => budgetOf(one, settings.slo)),
    }
  }
  const fromStack = async () => {
    const runtime = await openStack({ settings, paths: ctx.paths, env: ctx.env }, ctx.signal)
    await using endpoints = await runtime.endpoints(ctx.signal)
    if (endpoints.prometheus) return ask(endpoints.prometheus)
    throw new FndError('FND_COMPONENT_ABSENT', { component: 'prometheus', name: settings.name })
  }
  const budgets =
    typeof options.prometheus === 'string'
      ? await ask(parseUrl('slo', 'prometheus', options.prometheus))
      : await fromStack()
  ctx.out.answer(budgets, render)
  return budgets.budgets.some((budget) => budget.state === 'bad') ? EXIT.unhealthy : EXIT.good
}
