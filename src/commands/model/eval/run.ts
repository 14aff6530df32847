// Handles `fnd model eval`: judges the labelled texts in this process and says how well.

import { resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { availableCores } from '../../../detector/cores.ts'
import { createDetector } from '../../../detector/create.ts'
import { FndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { evaluate } from '../../../evaluation/evaluate.ts'
import { judgeLabelled, LABEL, NO_SOURCE } from '../../../evaluation/judge.ts'
import { nameOf, openRows } from '../../../rows/open.ts'
import { atomicFile } from '../../../rows/write.ts'
import type { Context, Handler } from '../../command.ts'
import { withLocalModel } from '../../local-model.ts'
import { parseOptions, whole } from '../../options.ts'
import type { EvalAnswer } from './answer.ts'
import { page } from './page.ts'
import { type Asked, createProbes } from './probes.ts'
import { renderEvaluation } from './render.ts'
import { USUAL_SOURCE } from './spec.ts'

const schema = z.object({
  data: z.string({ error: 'is needed: the file of labelled texts' }),
  by: z.string(),
  html: z.string().optional(),
  robust: z.boolean().default(false),
  shortcuts: z.boolean().default(false),
  explanations: z.boolean().default(false),
  sample: whole(1, 100_000).optional(),
  seed: whole(0, 2 ** 32 - 1).optional(),
  resamples: whole(0, 10_000),
  concurrency: whole(1, 256).optional(),
})

/** Texts that are probed; the intervals of shares are then at most 6 points to either side. */
const SAMPLE = 300
const FIRST_SEED = 1

/** Seconds: nobody waits for a single text, so none is refused. */
const PATIENCE = 600

export const run: Handler = async (_args, raw, ctx) => {
  const options = parseOptions(schema, raw, 'model eval')
  refuseStrayFlags(options)
  // Opened first: that it cannot be written is to be known before hours of judging.
  await using file = options.html === undefined ? undefined : await atomicFile(resolve(ctx.cwd, options.html))
  const found = await measure(options, ctx)
  if (options.by !== USUAL_SOURCE && found.sources.every(({ name }) => name === NO_SOURCE))
    ctx.out.warn(`No row has the field '${options.by}' of --by: there are no figures of each source`)
  ctx.out.answer(found, renderEvaluation)
  await file?.write(page(found))
  await file?.finish()
  if (file) ctx.out.say(`The page is in ${options.html}`)
  return EXIT.good
}

async function measure(options: z.output<typeof schema>, ctx: Context): Promise<EvalAnswer> {
  const { model, backend } = await withLocalModel(await ctx.settings(), ctx)
  const { signal, out } = ctx
  const workers = backend.workers ?? availableCores()
  const concurrency = options.concurrency ?? workers
  const fields = [LABEL, options.by]
  const rows = await openRows(options.data, ctx, fields)
  await using detector = await createDetector({ model, workers, deadline: PATIENCE })
  const probes = createProbes(options, options.sample ?? SAMPLE, options.seed ?? FIRST_SEED)
  const bar = out.bar('Judged', undefined, 'rows')
  const started = performance.now()
  let count = 0
  const { examples, failures, wrong } = await judgeLabelled(
    rows,
    (text, until) => detector.predict(text, { signal: until }),
    { by: options.by, concurrency, signal },
    (text) => {
      if (text) probes.offer(text)
      count += 1
      bar.advance(1)
    },
  )
  const seconds = (performance.now() - started) / 1000
  bar.end()
  if (examples.length === 0)
    throw new FndError('FND_INPUT_INVALID', {
      path: nameOf(options.data),
      problem:
        count === 0
          ? 'it has no rows'
          : `none of its ${count} rows could be judged; a row needs text and label (fake or real)${wrong[0] ? `. Row ${wrong[0].row}: ${wrong[0].problem}` : ''}`,
      fields,
    })
  const breathe = async () => {
    await nextTurn()
    signal.throwIfAborted()
  }
  const { resamples } = options
  return {
    model: detector.model,
    data: { file: nameOf(options.data), rows: count, judged: examples.length, failures, wrong },
    ...(await evaluate(examples, resamples, breathe)),
    speed: { seconds, textsPerSecond: examples.length / seconds, concurrency },
    ...(await probes.measure({ detector, out, signal, workers, how: { resamples, breathe } })),
  }
}

const isProbing = ({ robust, shortcuts, explanations }: Asked): boolean => robust || shortcuts || explanations

/** A flag without effect is a mistake that is better said than passed over. */
function refuseStrayFlags(options: z.output<typeof schema>): void {
  if (isProbing(options)) return
  for (const flag of ['sample', 'seed'] as const)
    if (options[flag] !== undefined)
      throw new FndError('FND_USAGE', {
        problem: `--${flag} goes with --robust, --shortcuts or --explanations only`,
        command: 'model eval',
      })
}
