// `fnd status`: what is seen of the stack now.

import type { z } from 'zod'
import { isFndError } from '../../errors/error.ts'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import { openStack } from '../../runtime/open.ts'
import type { StackStatus } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
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

export const run: Handler = async (_args, _options, { out, settings: readSettings, paths, env, signal }) => {
  const settings = await readSettings()
  const status = await openStack({ settings, paths, env }, signal)
    .then((runtime): Promise<Answer> => runtime.status(signal))
    .catch((error: unknown): Answer => {
      if (!isFndError(error, 'FND_STACK_ABSENT')) throw error
      return { name: settings.name, state: 'absent', components: [], notes: [] }
    })
  out.answer<Answer>(status, (data, paint) => renderStatus(data, paint, out.columns))
  return EXITS[status.state]
}
