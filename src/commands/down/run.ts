// `fnd down`: the runtime takes the stack down, under the stack's lock.

import type { z } from 'zod'
import { messageOf } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { tally } from '../../format.ts'
import { lockStack } from '../../runtime/lock.ts'
import { openForRemoval } from '../../runtime/open.ts'
import type { Handler } from '../command.ts'
import type { answer } from './answer.ts'

export const run: Handler = async (_args, _options, { out, settings: readSettings, paths, env, signal }) => {
  const settings = await readSettings()
  const { name } = settings
  const runtime = await openForRemoval({ settings, paths, env }, signal)
  const step = out.step(`Take down the stack '${name}' (${runtime.name})`)
  try {
    await using _ = await lockStack(paths, name, { seconds: settings.timeout, signal, progress: step })
    const { removed, kept } = await runtime.down(step, signal)
    step.done(removed.length ? `${tally(removed.length, 'thing')} removed` : 'nothing was there')
    out.answer<z.infer<typeof answer>>({ name, removed, ...(kept && { kept }) }, (data) =>
      [
        ...data.removed.map((line) => `removed ${line}`),
        ...(data.removed.length ? [] : [`There is no stack '${name}'; nothing to remove`]),
        ...(data.kept ?? []).map((line) => `kept ${line}`),
      ].join('\n'),
    )
    return EXIT.good
  } catch (error) {
    step.fail(messageOf(error))
    throw error
  }
}
