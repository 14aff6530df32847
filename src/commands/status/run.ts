// `fnd status`: what is seen of the stack now.

import type { z } from 'zod'
import { isFndError } from '../../errors/error.ts'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import type { StackStatus } from '../../runtime/runtime.ts'
import { createBackendClient } from '../../service/client.ts'
import { canaryDoes } from '../canary-text.ts'
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

/** Seconds that the backend has to name its model: a status is wanted now. */
const PATIENCE = 2

export const run: Handler = async (_args, _options, ctx) => {
  const { out, signal } = ctx
  const status = await runningStack(ctx)
    .then((runtime): Promise<Answer> => runtime.status(signal))
    .then((seen) => withCanary(seen, signal))
    .catch(async (error: unknown): Promise<Answer> => {
      if (!isFndError(error, 'FND_STACK_ABSENT')) throw error
      return { name: (await ctx.settings()).name, state: 'absent', components: [], notes: [] }
    })
  out.answer<Answer>(status, (data, paint) => renderStatus(data, paint, out.columns))
  return EXITS[status.state]
}

/** Notes the version that stands beside the serving one, as the backend tells it. */
async function withCanary(status: Answer, signal: AbortSignal): Promise<Answer> {
  const backend = status.components.find(
    ({ component, state, url }) => component === 'backend' && state === 'running' && url,
  )
  if (!backend?.url) return status
  const ready = await createBackendClient({ url: new URL(backend.url), timeout: PATIENCE })
    .ready({ signal })
    .catch(() => undefined)
  if (!ready?.canary) return status
  const { name, version } = ready.canary
  return {
    ...status,
    canary: ready.canary,
    notes: [
      ...status.notes,
      `Canary: ${name} ${version} ${canaryDoes(ready.canary)}, beside ${ready.model.version}.`,
    ],
  }
}
