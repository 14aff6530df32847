// `fnd model rollback`: an alias is pointed back.

import { FndError } from '../../../errors/error.ts'
import { isPlainName, parseAddress } from '../../../registry/address.ts'
import { rollback } from '../../../registry/alias.ts'
import type { Handler } from '../../command.ts'
import { word } from '../access.ts'
import { moveAlias } from '../alias-moved.ts'

export const run: Handler = async ([given], options, ctx) => {
  const { version, alias = String(options.alias), ...address } = parseAddress(word(given))
  if (version !== undefined || !isPlainName(alias))
    throw new FndError('FND_USAGE', {
      problem:
        'rollback takes the address of a model or of an alias; the version to go back to is --to <version>',
      command: 'model rollback',
    })
  const [to, why] = [options.to, options.why].map((value) => (typeof value === 'string' ? value : undefined))
  if (to !== undefined && !isPlainName(to))
    throw new FndError('FND_USAGE', {
      problem: `--to takes a version such as 1.2.0, not '${to}'`,
      command: 'model rollback',
    })
  return moveAlias(address, alias, why, ctx, (store, request) => rollback(store, to, request))
}
