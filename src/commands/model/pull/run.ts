// `fnd model pull`: a version comes to this machine.

import { cp } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { FndError, messageOf } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { addressText, parseReference } from '../../../registry/address.ts'
import { resolveReference } from '../../../registry/source.ts'
import type { Handler } from '../../command.ts'
import { bundleOf, registryOf, word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], options, ctx) => {
  const reference = parseReference(word(given))
  using store = await registryOf(reference, ctx)
  const entry = await resolveReference(store, reference)
  const bundle = await bundleOf({ kind: 'registry', reference, store, entry }, ctx)
  const to = typeof options.to === 'string' ? resolve(ctx.cwd, options.to) : undefined
  if (to)
    await cp(bundle.folder, to, { recursive: true }).catch((cause: unknown) => {
      throw new FndError('FND_FILE_UNWRITABLE', { path: to, why: messageOf(cause) }, { cause })
    })
  const { name, version, sha256 } = bundle.identity
  ctx.out.answer<Answer>(
    {
      address: addressText(reference),
      name,
      version,
      sha256,
      folder: to ?? bundle.folder,
      bytes: bundle.manifest.files.reduce((sum, { size }) => sum + size, 0),
    },
    ({ folder }) => folder,
  )
  return EXIT.good
}
