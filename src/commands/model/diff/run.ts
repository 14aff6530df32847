// `fnd model diff`: in what two models differ.

import type { z } from 'zod'
import { EXIT } from '../../../errors/exit.ts'
import type { Paint } from '../../../output/paint.ts'
import { oneLine } from '../../../output/prose.ts'
import { compareBundles } from '../../../registry/compare.ts'
import type { Context, Handler } from '../../command.ts'
import { bundleOf, namedModel, word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([first, second], _options, ctx) => {
  const a = await bundleAt(word(first), ctx)
  const b = await bundleAt(word(second), ctx)
  ctx.out.answer<Answer>(
    {
      from: { source: word(first), ...a.identity },
      to: { source: word(second), ...b.identity },
      changes: compareBundles(a, b),
    },
    render,
  )
  return EXIT.good
}

async function bundleAt(source: string, ctx: Context): ReturnType<typeof bundleOf> {
  const model = await namedModel(source, ctx)
  using _store = model.kind === 'registry' ? model.store : undefined
  return await bundleOf(model, ctx)
}

function render({ from, to, changes }: Answer, paint: Paint): string {
  if (changes.length === 0)
    return oneLine(`${from.name} ${from.version} and ${to.name} ${to.version} are the same`)
  const shown = (value: unknown): string => oneLine(typeof value === 'string' ? value : JSON.stringify(value))
  return changes
    .flatMap((change) => [
      paint.bold(oneLine(change.what)),
      ...('from' in change ? [paint.bad(`- ${shown(change.from)}`)] : []),
      ...('to' in change ? [paint.good(`+ ${shown(change.to)}`)] : []),
    ])
    .join('\n')
}
