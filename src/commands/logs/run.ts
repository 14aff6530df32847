// `fnd logs`: lines of the components, kept and coming.

import { z } from 'zod'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { COMPONENTS } from '../../runtime/runtime.ts'
import { readableLine } from '../backend-log.ts'
import type { Handler } from '../command.ts'
import { shortName } from '../instance-name.ts'
import { parseOptions, whole } from '../options.ts'
import { runningStack } from '../stack.ts'
import type { row } from './answer.ts'

const schema = z.object({
  follow: z.boolean().default(false),
  tail: whole(0, Number.MAX_SAFE_INTEGER, 'a number of lines').optional(),
})

const WIDEST = Math.max(...COMPONENTS.map((component) => component.length))

export const run: Handler = async ([only], options, ctx) => {
  const { out, signal } = ctx
  const { follow, tail } = parseOptions(schema, options, 'logs')
  const runtime = await runningStack(ctx)
  const components = only === undefined ? COMPONENTS : COMPONENTS.filter((component) => component === only)
  if (only !== undefined) {
    const { components: seen } = await runtime.status(signal)
    const absent = seen.find(({ component, state }) => component === only && state === 'missing')
    const { name } = await ctx.settings()
    if (absent || !seen.some(({ component }) => component === only))
      throw new FndError('FND_COMPONENT_ABSENT', { component: String(only), name })
  }
  const request = { components, follow, signal, ...(tail !== undefined && { tail }) }
  for await (const told of runtime.logs(request))
    out.row<z.infer<typeof row>>(told, ({ component, instance, text }, paint) => {
      const pod = instance === component ? '' : `${paint.dim(shortName(instance))} `
      // Into a pipe goes what the component wrote: `fnd logs backend | jq`.
      const line = component === 'backend' && out.interactive ? readableLine(text, paint) : text
      return only === undefined ? `${paint.accent(component.padEnd(WIDEST))} ${pod}${line}` : pod + line
    })
  return EXIT.good
}
