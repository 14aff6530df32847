// `fnd load`: finds the backend, sends the traffic, sums up.

import { createReadStream } from 'node:fs'
import { z } from 'zod'
import { FndError, messageOf } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { percent, seconds } from '../../format.ts'
import { poissonArrivals } from '../../load/arrivals.ts'
import { type LoadResult, runLoad } from '../../load/generator.ts'
import { nextRequest } from '../../load/requests.ts'
import { seededRandom } from '../../random.ts'
import { linesOf } from '../../rows/lines.ts'
import { formatOf } from '../../rows/open.ts'
import { LONGEST_ROW, readRows } from '../../rows/read.ts'
import { isThisMachine } from '../../this-machine.ts'
import type { Context, Handler } from '../command.ts'
import { duration, parseOptions, rate, share, whole } from '../options.ts'
import { type Address, stackAddress } from '../stack.ts'
import { parseUrl } from '../web-address.ts'
import type { LoadAnswer } from './answer.ts'
import { renderLoad } from './render.ts'

const schema = z.object({
  rps: rate,
  duration,
  bad: share,
  clients: whole(1, 10_000),
  timeout: duration,
  seed: whole(0, 4_294_967_295),
  file: z.string().optional(),
  url: z.string().optional(),
  allowRemote: z.boolean().default(false),
  maxErrors: share.optional(),
  maxP95: duration.optional(),
})

type Options = z.output<typeof schema>

export const run: Handler = async (_args, raw, ctx) => {
  const options = parseOptions(schema, raw, 'load')
  const own = options.file === undefined ? undefined : await ownTexts(options.file)
  await using target = await targetOf(options, ctx)
  const { backend } = await ctx.settings()
  // Two streams of chance: whether texts are one's own does not move the arrivals.
  const forArrivals = seededRandom(options.seed)
  const forRequests = seededRandom(options.seed ^ 0x5bd1e995)
  ctx.out.say(`Sending to ${target.url.origin} for ${seconds(options.duration)}; Ctrl-C ends it early`)
  // How many requests there will be is left to chance.
  const bar = ctx.out.bar('Sent', undefined, 'requests')
  const result = await runLoad(
    {
      target: target.url,
      arrivals: poissonArrivals(options.rps, options.duration, forArrivals),
      duration: options.duration,
      next: () => nextRequest(forRequests, options.bad, own),
      clients: options.clients,
      timeoutMs: options.timeout * 1000,
      apiKey: target.ownKey ? backend.apiKey : undefined,
    },
    ctx.signal,
    ({ ok, failed, errors }) => bar.advance(1, `${ok} ok, ${failed} 5xx, ${errors} without answer`),
  )
  bar.end()
  const interrupted = ctx.signal.aborted
  if (!interrupted && Object.keys(result.statuses).length === 0)
    throw new FndError('FND_LOAD_UNANSWERED', {
      url: target.url.origin,
      why: result.lastError ?? 'no request was due in that time; give it longer, or more a second',
    })
  const data = answerOf(result, options, target.url, interrupted)
  ctx.out.answer(data, (d, paint) => renderLoad(d, paint, ctx.out.columns))
  if (interrupted) return EXIT.interrupted
  return data.passedLimits.length ? EXIT.unhealthy : EXIT.good
}

function answerOf(result: LoadResult, options: Options, url: URL, interrupted: boolean): LoadAnswer {
  const { lastError: _, latency, ...counts } = result
  const errorShare = result.sent ? (result.failed + result.errors) / result.sent : 0
  const { maxErrors, maxP95 } = options
  const passedLimits: string[] = []
  if (maxErrors !== undefined && errorShare > maxErrors)
    passedLimits.push(`${percent(errorShare)} errors, more than ${percent(maxErrors)}`)
  // No good answer at all is not within any limit of latency.
  if (maxP95 !== undefined && !(latency && latency.p95 <= maxP95))
    passedLimits.push(`p95 ${latency ? seconds(latency.p95) : 'unknown'}, more than ${seconds(maxP95)}`)
  return {
    target: url.origin,
    seed: options.seed,
    targetRps: options.rps,
    achievedRps: result.seconds ? result.sent / Math.min(result.seconds, options.duration) : 0,
    interrupted,
    ...counts,
    ...(latency ? { latency } : {}),
    passedLimits,
  }
}

/** The backend that was named, or that of the running stack; the API key of the settings is for this machine's own alone. */
async function targetOf({ url, allowRemote }: Options, ctx: Context): Promise<Address & { ownKey: boolean }> {
  if (url === undefined) return Object.assign(await stackAddress('backend', ctx), { ownKey: true })
  const target = parseUrl('load', 'url', url)
  if (!allowRemote && !isThisMachine(target))
    throw new FndError('FND_TARGET_REMOTE', { host: target.hostname })
  return { url: target, ownKey: isThisMachine(target), [Symbol.asyncDispose]: async () => {} }
}

/** The texts of a file: its rows, or its lines where it is neither JSONL nor CSV. */
async function ownTexts(path: string): Promise<string[]> {
  const texts: string[] = []
  try {
    const stream = createReadStream(path)
    const format = formatOf(path)
    if (format) {
      for await (const { row, text, problem } of readRows(stream, format, path)) {
        if (text === undefined)
          throw new FndError('FND_INPUT_INVALID', { path, problem: `row ${row}: ${problem}` })
        texts.push(text)
      }
    } else for await (const line of linesOf(stream, LONGEST_ROW)) if (line?.trim()) texts.push(line)
  } catch (cause) {
    throw cause instanceof FndError
      ? cause
      : new FndError('FND_FILE_UNREADABLE', { path, why: messageOf(cause) }, { cause })
  }
  if (!texts.length) throw new FndError('FND_INPUT_INVALID', { path, problem: 'there is no text in it' })
  return texts
}
