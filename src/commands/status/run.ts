// `fnd status`: what is seen of the stack now.

import type { z } from 'zod'
import { isFndError } from '../../errors/error.ts'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import type { StackStatus } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
import { runningStack } from '../stack.ts'
import type { answer } from './answer.ts'
import { renderStatus } from './render.ts'

type Answer = z.infer<typeof answer>

const EXITS: Record<StackStatus['state'], ExitCode> = {
  running: EXIT.good,
  degraded: EXIT.unhealthy,
  starting: EXIT.unhealthy,
  failing: EXIT.unhealthy,
  absent: EXIT.missing,
}

export const run: Handler = async (_args, _options, ctx) => {
  const { out, signal } = ctx
  const status = await runningStack(ctx)
    .then((runtime): Promise<Answer> => runtime.status(signal))
    .catch(async (error: unknown): Promise<Answer> => {
      if (!isFndError(error, 'FND_STACK_ABSENT')) throw error
      return { name: (await ctx.settings()).name, state: 'absent', components: [], notes: [] }
    })
  out.answer<Answer>(status, (data, paint) => renderStatus(data, paint, out.columns))
  return EXITS[status.state]
}
