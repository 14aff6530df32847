// `fnd model verify`: every file against the manifest, then the self-test.

import type { z } from 'zod'
import { createDetector } from '../../../detector/create.ts'
import { isFndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { bytes } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import { inspect } from '../../../registry/inspect.ts'
import type { Context, Handler } from '../../command.ts'
import { bundleOf, type NamedModel, namedModel, word } from '../access.ts'
import type { answer } from './answer.ts'

type Answer = z.infer<typeof answer>

export const run: Handler = async ([given], _options, ctx) => {
  const source = word(given) || (await ctx.settings()).model
  const model = await namedModel(source, ctx)
  using _store = model.kind === 'registry' ? model.store : undefined
  const identity =
    model.kind === 'local'
      ? model.bundle.identity
      : { name: model.entry.manifest.name, version: model.entry.version, sha256: model.entry.sha256 }
  const files = await checkFiles(model, ctx)
  const selfTest = files.some(({ problem }) => problem)
    ? { texts: 0, problem: 'not tried: the files are not what they should be' }
    : await checkAnswers(model, ctx)
  const passed = selfTest.problem === undefined
  ctx.out.answer<Answer>({ source, ...identity, passed, files, selfTest }, render)
  return passed ? EXIT.good : EXIT.unhealthy
}

async function checkFiles(model: NamedModel, ctx: Context): Promise<Answer['files']> {
  // Loading has compared a local bundle with its manifest.
  if (model.kind === 'local') return model.bundle.manifest.files.map(({ path, size }) => ({ path, size }))
  const { store, reference, entry } = model
  const total = entry.manifest.files.reduce((sum, { size }) => sum + size, 0)
  const bar = ctx.out.bar(`reading ${entry.manifest.name} ${entry.version}`, total, 'bytes')
  const files: Answer['files'] = []
  for await (const file of inspect(store, reference, entry, ctx.signal, (by) => bar.advance(by)))
    files.push(file)
  bar.end()
  return files
}

async function checkAnswers(model: NamedModel, ctx: Context): Promise<Answer['selfTest']> {
  const bundle = await bundleOf(model, ctx)
  const texts = bundle.manifest.selfTest?.inputs.length ?? 0
  const step = ctx.out.step('self-test')
  try {
    // Loading runs it.
    await using _detector = await createDetector({ model: bundle.folder, workers: 1, deadline: 10 })
    step.done(texts ? `${texts} reference texts` : 'the bundle has none: it was only loaded')
    return { texts }
  } catch (error) {
    if (!isFndError(error, 'FND_MODEL_SELF_TEST') && !isFndError(error, 'FND_MODEL_UNUSABLE')) throw error
    step.fail(error.message)
    return { texts, problem: error.message }
  }
}

function render({ name, version, passed, files, selfTest }: Answer, paint: Paint): string {
  const width = Math.max(...files.map(({ path }) => path.length))
  return [
    ...files.map(
      ({ path, size, problem }) =>
        `${paint.mark(problem ? 'bad' : 'good')} ${path.padEnd(width)}  ${bytes(size).padStart(9)}${problem ? `  ${problem}` : ''}`,
    ),
    `${paint.mark(selfTest.problem ? 'bad' : 'good')} ${selfTest.problem ?? `self-test: ${selfTest.texts} reference texts`}`,
    `${name} ${version} ${passed ? 'is whole and answers as it should' : 'must not be used'}`,
  ].join('\n')
}
