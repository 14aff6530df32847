// `fnd predict`: finds the text, finds who judges it, shows the verdict.

import { z } from 'zod'
import { availableCores } from '../../detector/cores.ts'
import type { ExplainMode } from '../../detector/detector.ts'
import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import type { Context, Handler } from '../command.ts'
import { parseOptions, whole } from '../options.ts'
import type { Verdict } from './answer.ts'
import { renderVerdict } from './render.ts'
import { type Place, placeOf, readSource } from './source.ts'
import { openJudging } from './where.ts'

const verdicts = z.string().transform((text, ctx) => {
  const named = text.split(',').map((part) => part.trim().toLowerCase())
  const labels = (['Fake', 'Real', 'Uncertain'] as const).filter((label) =>
    named.includes(label.toLowerCase()),
  )
  if (labels.length === named.length) return new Set<string>(labels)
  ctx.addIssue({
    code: 'custom',
    message: `takes fake, real or uncertain, separated by commas, not '${text}'`,
  })
  return z.NEVER
})

const schema = z.object({
  file: z.string().optional(),
  url: z.string().optional(),
  input: z.string().optional(),
  output: z.string().optional(),
  format: z.enum(['jsonl', 'csv']).optional(),
  concurrency: whole(1, 256).optional(),
  explain: z.union([z.string(), z.literal(true)]).optional(),
  where: z.enum(['auto', 'local', 'stack']),
  model: z.string().optional(),
  failOn: verdicts.optional(),
  allowPrivate: z.boolean().default(false),
})

type Options = z.output<typeof schema>

export const run: Handler = async ([given], raw, ctx) => {
  const options = parseOptions(schema, raw, 'predict')
  const { explain, words } = explainAndWords(options.explain, Array.isArray(given) ? given : [])
  if (words === '' && Array.isArray(given) && given.length > 0)
    throw new FndError('FND_USAGE', { problem: 'The text is empty', command: 'predict' })
  const place = placeOf(words, options, Boolean(ctx.stdin.isTTY))
  refuseStrayFlags(options, place, ctx)
  const failOn = options.failOn ?? new Set<string>()
  const request = { where: options.where, modelNamed: options.model !== undefined, explain }

  if (place.kind === 'input') {
    const { judgeInBulk } = await import('./bulk.ts')
    await using judging = await openJudging({ ...request, bulk: true }, ctx)
    const concurrency = options.concurrency ?? 2 * availableCores()
    // Awaited here: whoever judges is closed when this block is left.
    return await judgeInBulk(
      { input: place.at, output: options.output, format: options.format, concurrency, failOn },
      judging,
      ctx,
    )
  }

  const { text, article } = await readSource(place, ctx, options.allowPrivate)
  await using judging = await openJudging({ ...request, bulk: false }, ctx)
  const prediction = await judging.judge(text, ctx.signal)
  const data: Verdict = { ...prediction, where: judging.where, ...(article ? { article } : {}) }
  ctx.out.answer(data, (d, paint) => renderVerdict(d, paint, ctx.out.columns))
  return failOn.has(data.label) ? EXIT.unhealthy : EXIT.good
}

/** `--explain "a text"` takes the text for its value, as it may stand without one; a text is given back to the words. */
function explainAndWords(
  value: string | true | undefined,
  words: readonly string[],
): { explain: ExplainMode; words: string } {
  const joined = words.join(' ').trim()
  if (value === undefined) return { explain: 'none', words: joined }
  if (value === true) return { explain: 'sentences', words: joined }
  if (value === 'full' || value === 'sentences') return { explain: value, words: joined }
  if (joined === '' && /\s/.test(value.trim())) return { explain: 'sentences', words: value.trim() }
  throw new FndError('FND_USAGE', {
    problem: `--explain takes no value or full, not '${value}': put --explain behind the text`,
    command: 'predict',
  })
}

/** A flag without effect is a mistake that is better said than passed over. */
function refuseStrayFlags(options: Options, place: Place, ctx: Context): void {
  const stray = (flag: string, needs: string) =>
    new FndError('FND_USAGE', { problem: `${flag} goes with ${needs} only`, command: 'predict' })
  if (place.kind !== 'input')
    for (const flag of ['output', 'format', 'concurrency'] as const)
      if (options[flag] !== undefined) throw stray(`--${flag}`, '--input')
  if (options.allowPrivate && place.kind !== 'url') throw stray('--allow-private', '--url')
  if (ctx.out.json && options.format === 'csv' && options.output === undefined)
    throw new FndError('FND_USAGE', {
      problem: '--json and --format csv exclude each other',
      command: 'predict',
    })
}
