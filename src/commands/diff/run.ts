// `fnd diff`: what the runtime says that `up` would change.

import type { z } from 'zod'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { openRuntime } from '../../runtime/open.ts'
import type { Handler } from '../command.ts'
import { refuseSecondModel } from '../local-model.ts'
import type { answer } from './answer.ts'
import { renderDiff } from './render.ts'

export const run: Handler = async (_args, _options, ctx) => {
  const { out, paths, env, signal } = ctx
  const settings = await ctx.settings()
  refuseSecondModel(settings, 'diff')
  const runtime = await openRuntime({ settings, paths, env }, signal)
  if (!runtime.changes)
    throw new FndError('FND_USAGE', {
      problem: `A stack on the runtime ${runtime.name} has no objects to compare; see \`fnd up --dry-run\``,
      command: 'diff',
    })
  const changes = await runtime.changes(signal)
  out.answer<z.infer<typeof answer>>({ name: settings.name, runtime: runtime.name, changes }, renderDiff)
  return changes.length ? EXIT.unhealthy : EXIT.good
}
