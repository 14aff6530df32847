// `fnd status`: what is seen of the stack now.

import type { z } from 'zod'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import { openRuntime } from '../../runtime/open.ts'
import type { StackStatus } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
import type { answer } from './answer.ts'
import { renderStatus } from './render.ts'

const EXITS: Record<StackStatus['state'], ExitCode> = {
  running: EXIT.good,
  degraded: EXIT.unhealthy,
  starting: EXIT.unhealthy,
  failing: EXIT.unhealthy,
  absent: EXIT.missing,
}

export const run: Handler = async (_args, _options, { out, settings: readSettings, paths, env, signal }) => {
  const settings = await readSettings()
  const runtime = await openRuntime({ settings, paths, env }, signal)
  const status = await runtime.status(signal)
  out.answer<z.infer<typeof answer>>(status, (data, paint) => renderStatus(data, paint, out.columns))
  return EXITS[status.state]
}
