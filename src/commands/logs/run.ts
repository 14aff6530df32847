// `fnd logs`: lines of the components, kept and coming.

import type { z } from 'zod'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { openStack } from '../../runtime/open.ts'
import { COMPONENTS } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
import type { row } from './answer.ts'

const WIDEST = Math.max(...COMPONENTS.map((component) => component.length))

export const run: Handler = async ([only], options, { out, settings: readSettings, paths, env, signal }) => {
  const tail = tailOf(options.tail)
  const runtime = await openStack({ settings: await readSettings(), paths, env }, signal)
  const components = only === undefined ? COMPONENTS : COMPONENTS.filter((component) => component === only)
  const follow = options.follow === true
  const request = { components, follow, signal, ...(tail !== undefined && { tail }) }
  for await (const line of runtime.logs(request))
    out.row<z.infer<typeof row>>(line, ({ component, text }, paint) =>
      only === undefined ? `${paint.accent(component.padEnd(WIDEST))} ${text}` : text,
    )
  return EXIT.good
}

function tailOf(value: unknown): number | undefined {
  if (value === undefined) return undefined
  const lines = Number(value)
  if (Number.isInteger(lines) && lines >= 0) return lines
  throw new FndError('FND_USAGE', {
    problem: `--tail takes a number of lines, not '${value}'`,
    command: 'logs',
  })
}
