// `fnd model pull`: a version comes to this machine.

import { resolve } from 'node:path'
import type { z } from 'zod'
import { loadBundle } from '../../../detector/bundle.ts'
import { EXIT } from '../../../errors/exit.ts'
import { addressText, parseReference } from '../../../registry/address.ts'
import { handOut } from '../../../registry/hand-out.ts'
import { bringModel } from '../../../registry/source.ts'
import type { Handler } from '../../command.ts'
import { sourceRequest } from '../../local-model.ts'
import { word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], options, ctx) => {
  const reference = parseReference(word(given))
  const address = addressText(reference)
  const brought = await bringModel(address, sourceRequest(await ctx.settings(), ctx))
  const bundle = brought.bundle ?? (await loadBundle(brought.place))
  const to = typeof options.to === 'string' ? resolve(ctx.cwd, options.to) : undefined
  if (to) await handOut(bundle.folder, to, { signal: ctx.signal, progress: { update: ctx.out.say } })
  const { name, version, sha256 } = bundle.identity
  ctx.out.answer<Answer>(
    {
      address,
      name,
      version,
      sha256,
      stale: brought.stale,
      folder: to ?? bundle.folder,
      bytes: bundle.manifest.files.reduce((sum, { size }) => sum + size, 0),
    },
    ({ folder }) => folder,
  )
  return EXIT.good
}
