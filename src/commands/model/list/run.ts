// `fnd model list`: versions and aliases of a model.

import type { z } from 'zod'
import { FndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { bytes } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import { oneLine } from '../../../output/prose.ts'
import { addressText, parseModel } from '../../../registry/address.ts'
import { listAliases } from '../../../registry/alias.ts'
import { listVersions } from '../../../registry/catalogue.ts'
import { judgeSignatures, signedVersion } from '../../../registry/signature.ts'
import type { Handler } from '../../command.ts'
import { registryOf, trustedBy, word } from '../access.ts'
import { signaturesText } from '../signatures.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], _options, ctx) => {
  const address = parseModel(word(given))
  using store = await registryOf(address, ctx)
  const [{ versions, damaged }, { aliases, damaged: damagedAliases }] = await Promise.all([
    listVersions(store, address),
    listAliases(store, address),
  ])
  if (versions.length === 0 && damaged.size === 0)
    throw new FndError('FND_VERSION_UNKNOWN', { address: addressText(address), known: [] })
  const trusted = await trustedBy(ctx)
  const data: Answer = {
    address: addressText(address),
    versions: await Promise.all(
      versions.map(async (entry) => {
        const { version, sha256, at, by, manifest } = entry
        return {
          version,
          sha256,
          at: at.toISOString(),
          by,
          bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
          aliases: [...aliases].filter(([, state]) => state.version === version).map(([alias]) => alias),
          signatures: judgeSignatures(await signedVersion(store, address, entry), trusted),
        }
      }),
    ),
    aliases: [...aliases].map(([alias, { version, history, canary }]) => ({
      alias,
      version,
      at: history[0]?.at ?? '',
      by: history[0]?.by ?? '',
      ...(canary ? { canary } : {}),
    })),
    damaged: [
      ...[...damaged].map(([version, problem]) => ({ what: `@${version}`, problem })),
      ...[...damagedAliases].map(([alias, problem]) => ({ what: `#${alias}`, problem })),
    ],
  }
  ctx.out.answer(data, render)
  return EXIT.good
}

function render({ versions, aliases, damaged }: Answer, paint: Paint): string {
  const width = Math.max(...versions.map(({ version }) => version.length))
  const rows = versions.map(({ version, at, by, bytes: size, aliases: pointing, signatures }) => {
    const when = at.slice(0, 16).replace('T', ' ')
    const names = [
      ...pointing.map((alias) => paint.accent(`#${alias}`)),
      ...aliases.flatMap(({ alias, canary }) =>
        canary?.version === version ? paint.accent(`#${alias} (${canary.mode})`) : [],
      ),
    ].join(' ')
    const seal = signaturesText(signatures)
    return `${version.padEnd(width)}  ${when}  ${bytes(size).padStart(9)}  ${paint.dim(oneLine(by))}${seal ? `  signed by ${seal}` : ''} ${names}`.trimEnd()
  })
  const faults = damaged.map(({ what, problem }) => `${paint.mark('bad')} ${what}  ${oneLine(problem)}`)
  return [...rows, ...faults].join('\n')
}
