// `fnd model promote`: an alias is pointed to a version.

import { FndError } from '../../../errors/error.ts'
import { isPlainName, parseAddress } from '../../../registry/address.ts'
import { promote } from '../../../registry/alias.ts'
import type { Handler } from '../../command.ts'
import { word } from '../access.ts'
import { moveAlias } from '../alias-moved.ts'

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
  return moveAlias(address, alias, why, ctx, (store, request) => promote(store, version, request))
}
