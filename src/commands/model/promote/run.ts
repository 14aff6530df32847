// `fnd model promote`: an alias is pointed to a version, or a version set beside it as canary.

import { z } from 'zod'
import { FndError } from '../../../errors/error.ts'
import { isPlainName, parseAddress } from '../../../registry/address.ts'
import { promote, setCanary } from '../../../registry/alias.ts'
import type { Handler } from '../../command.ts'
import { parseOptions, share as shareOption } from '../../options.ts'
import { word } from '../access.ts'
import { moveAlias } from '../alias-moved.ts'

const flags = z.object({ canary: shareOption.optional(), shadow: z.literal(true).optional() })

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
  const canary = canaryOf(parseOptions(flags, options, 'model promote'))
  const why = typeof options.why === 'string' ? options.why : undefined
  return moveAlias(address, alias, why, ctx, (store, request) =>
    canary ? setCanary(store, version, canary, request) : promote(store, version, request),
  )
}

/** What --canary and --shadow ask for; a share of 0 is a shadow. @throws FndError FND_USAGE. */
function canaryOf({
  canary: share,
  shadow,
}: z.infer<typeof flags>): Parameters<typeof setCanary>[2] | undefined {
  const wrong = (problem: string) => new FndError('FND_USAGE', { problem, command: 'model promote' })
  if (shadow && share) throw wrong('--shadow answers no texts: leave --canary out')
  if (shadow || share === 0) return { mode: 'shadow', share: 0 }
  if (share === 1) throw wrong('--canary 100% is a promotion: leave --canary out')
  return share === undefined ? undefined : { mode: 'canary', share }
}
