// `fnd model info`: what a model is and where it came from.

import { z } from 'zod'
import type { Manifest } from '../../../detector/bundle.ts'
import { EXIT } from '../../../errors/exit.ts'
import { readAlias } from '../../../registry/alias.ts'
import { judgeSignatures, signedVersion } from '../../../registry/signature.ts'
import type { Context, Handler } from '../../command.ts'
import { type NamedModel, namedModel, trustedBy, word } from '../access.ts'
import type { answer } from './answer.ts'
import { renderInfo } from './render.ts'

type Answer = z.infer<typeof answer>

/** What a manifest may say besides; anything else in these fields is not shown. */
const stated = z.object({
  licence: z.string().optional().catch(undefined),
  metrics: z.record(z.string(), z.record(z.string(), z.number())).optional().catch(undefined),
})

export const run: Handler = async ([given], _options, ctx) => {
  const source = word(given) || (await ctx.settings()).model
  const model = await namedModel(source, ctx)
  using _store = model.kind === 'registry' ? model.store : undefined
  const data: Answer = {
    source,
    ...(model.kind === 'local'
      ? { ...about(model.bundle.manifest), sha256: model.bundle.identity.sha256, folder: model.bundle.folder }
      : await aboutVersion(model, ctx)),
  }
  ctx.out.answer(data, (d, paint) => renderInfo(d, paint))
  return EXIT.good
}

function about(manifest: Manifest): Omit<Answer, 'source' | 'sha256'> {
  const { licence, metrics } = stated.parse(manifest)
  return {
    name: manifest.name,
    version: manifest.version,
    files: manifest.files,
    selfTest: manifest.selfTest?.inputs.length ?? 0,
    ...(licence === undefined ? {} : { licence }),
    ...(metrics === undefined ? {} : { metrics }),
  }
}

async function aboutVersion(
  { store, reference, entry }: Extract<NamedModel, { kind: 'registry' }>,
  ctx: Context,
): Promise<Omit<Answer, 'source'>> {
  const signed = await signedVersion(store, reference, entry)
  const alias = 'alias' in reference ? await readAlias(store, reference, reference.alias) : undefined
  return {
    ...about(entry.manifest),
    sha256: entry.sha256,
    pushed: { at: entry.at.toISOString(), by: entry.by },
    signatures: judgeSignatures(signed, await trustedBy(ctx)),
    ...(alias?.state.canary ? { canary: alias.state.canary } : {}),
    ...(alias ? { history: alias.state.history.map(({ id: _, ...move }) => move) } : {}),
  }
}
