// `fnd model promote`: an alias is pointed to a version.

import type { z } from 'zod'
import { FndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { addressText, isPlainName, parseAddress } from '../../../registry/address.ts'
import { promote } from '../../../registry/alias.ts'
import type { Handler } from '../../command.ts'
import { actor, registryOf, word } from '../access.ts'
import { renderMoved } from '../alias-moved.ts'
import type { answer } from './answer.ts'

export const run: Handler = async ([given], options, ctx) => {
  const { version, alias: _, ...address } = parseAddress(word(given))
  if (version === undefined)
    throw new FndError('FND_REGISTRY_ADDRESS', {
      address: word(given),
      problem: 'it names no version to promote (@1.2.0)',
    })
  const alias = String(options.alias)
  if (!isPlainName(alias))
    throw new FndError('FND_USAGE', {
      problem: `--alias takes a plain name such as production, not '${alias}'`,
      command: 'model promote',
    })
  const why = typeof options.why === 'string' ? options.why : undefined
  using store = await registryOf(address, ctx)
  const moved = await promote(store, version, {
    address,
    alias,
    by: actor(),
    why,
    now: ctx.now,
    signal: ctx.signal,
  })
  ctx.out.answer<z.infer<typeof answer>>(
    { address: addressText({ ...address, alias }), ...moved },
    renderMoved,
  )
  return EXIT.good
}
