// `fnd serve`: the backend in the foreground.

import pino from 'pino'
import { EXIT } from '../../errors/exit.ts'
import { packageCommit, packageVersion } from '../../package.ts'
import { holderOf, otherRecords } from '../../runtime/record.ts'
import { serve } from '../../service/serve.ts'
import { readableLine } from '../backend-log.ts'
import type { Handler } from '../command.ts'
import { createLogLines } from './log-lines.ts'
import { modelFeed } from './model-feed.ts'

export const run: Handler = async (_args, _options, ctx) => {
  const { out, signal } = ctx
  const settings = await ctx.settings()
  const lines = createLogLines(out.raw)
  const write = out.interactive
    ? (line: string) => lines.write(`${readableLine(line.trimEnd(), out.paint)}\n`)
    : lines.write
  const log = pino(
    {
      level: out.quiet && settings.backend.logLevel === 'info' ? 'warn' : settings.backend.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  )
  try {
    const finished = await serve({
      settings,
      build: { version: packageVersion(), commit: packageCommit() },
      feed: modelFeed(settings, ctx, log),
      log,
      stackAt: (port) => holderOf(port, otherRecords(ctx.paths)),
      stop: signal,
    })
    return finished ? EXIT.good : EXIT.failed
  } finally {
    lines.flush()
  }
}
