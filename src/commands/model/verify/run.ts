// `fnd model verify`: every file against the manifest, then the self-test.

import type { z } from 'zod'
import { type Bundle, type InspectedFile, inspectBundle, loadBundle } from '../../../detector/bundle.ts'
import { createDetector } from '../../../detector/create.ts'
import { isFndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { bytes, tally } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import { oneLine } from '../../../output/prose.ts'
import { isRegistrySource } from '../../../registry/address.ts'
import { inspect } from '../../../registry/inspect.ts'
import { demandTrust, judgeSignatures, signedVersion } from '../../../registry/signature.ts'
import type { Context, Handler } from '../../command.ts'
import { bundleOf, type NamedModel, namedModel, trustedBy, word } from '../access.ts'
import { signaturesText } from '../signatures.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], _options, ctx) => {
  const source = word(given) || (await ctx.settings()).model
  const model = isRegistrySource(source) ? await namedModel(source, ctx) : undefined
  using _store = model?.kind === 'registry' ? model.store : undefined
  const signature = model?.kind === 'registry' ? await checkTrust(model, ctx) : undefined
  const { identity, files } =
    model?.kind === 'registry' ? await inspectVersion(model, ctx) : await inspectBundle(source)
  const selfTest = files.some(({ problem }) => problem)
    ? { texts: 0, problem: 'not tried: the files are not what they should be' }
    : signature?.problem
      ? { texts: 0, problem: 'not tried: the model is not to be trusted' }
      : await checkAnswers(
          model ? await bundleOf(model, ctx) : await loadBundle(source, { hashed: true }),
          ctx,
        )
  const passed = selfTest.problem === undefined
  ctx.out.answer<Answer>(
    { source, ...identity, passed, files, ...(signature && { signature }), selfTest },
    render,
  )
  return passed ? EXIT.good : EXIT.unhealthy
}

async function checkTrust(
  { store, reference, entry }: Extract<NamedModel, { kind: 'registry' }>,
  ctx: Context,
): Promise<NonNullable<Answer['signature']>> {
  const trusted = await trustedBy(ctx)
  const signed = await signedVersion(store, reference, entry)
  const signatures = judgeSignatures(signed, trusted)
  try {
    demandTrust(signed, trusted)
    return { signatures }
  } catch (error) {
    if (!isFndError(error, 'FND_MODEL_UNTRUSTED')) throw error
    return { signatures, problem: error.message }
  }
}

async function inspectVersion(
  { store, reference, entry }: Extract<NamedModel, { kind: 'registry' }>,
  ctx: Context,
): ReturnType<typeof inspectBundle> {
  const { version, sha256, manifest } = entry
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0)
  const bar = ctx.out.bar(`reading ${manifest.name} ${version}`, total, 'bytes')
  const files: InspectedFile[] = []
  for await (const file of inspect(store, reference, entry, ctx.signal, (by) => bar.advance(by)))
    files.push(file)
  bar.end()
  return { identity: { name: manifest.name, version, sha256 }, files }
}

async function checkAnswers(bundle: Bundle, ctx: Context): Promise<Answer['selfTest']> {
  const texts = bundle.manifest.selfTest?.inputs.length ?? 0
  const step = ctx.out.step('self-test')
  try {
    // Loading runs it.
    await using _detector = await createDetector({ model: bundle.folder, workers: 1, deadline: 10 })
    step.done(texts ? tally(texts, 'reference text') : 'the bundle has none: it was only loaded')
    return { texts }
  } catch (error) {
    if (!isFndError(error, 'FND_MODEL_SELF_TEST') && !isFndError(error, 'FND_MODEL_UNUSABLE')) throw error
    step.fail(error.message)
    return { texts, problem: error.message }
  }
}

function render({ name, version, passed, files, signature, selfTest }: Answer, paint: Paint): string {
  const width = Math.max(...files.map(({ path }) => path.length))
  return [
    ...files.map(
      ({ path, size, problem }) =>
        `${paint.mark(problem ? 'bad' : 'good')} ${path.padEnd(width)}  ${bytes(size).padStart(9)}${problem ? `  ${problem}` : ''}`,
    ),
    ...(signature
      ? [
          `${paint.mark(signature.problem ? 'bad' : 'good')} ${signature.problem ?? `signed by ${signaturesText(signature.signatures) ?? 'nobody: none was asked for'}`}`,
        ]
      : []),
    `${paint.mark(selfTest.problem ? 'bad' : 'good')} ${(selfTest.problem && oneLine(selfTest.problem)) ?? `self-test: ${tally(selfTest.texts, 'reference text')}`}`,
    `${oneLine(name)} ${oneLine(version)} ${passed ? 'is whole and answers as it should' : 'must not be used'}`,
  ].join('\n')
}
