// `fnd model compare`: a canary beside the version that serves; with --auto also its promotion or roll-back.

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { FndError, isFndError } from '../../../errors/error.ts'
import { EXIT } from '../../../errors/exit.ts'
import { seconds } from '../../../format.ts'
import { type CanaryRule, judgeCanary, readCanary } from '../../../observe/canary.ts'
import { addressText, isPlainName, parseAddress } from '../../../registry/address.ts'
import { type CanaryState, promote, readAlias, rollback, unknownAlias } from '../../../registry/alias.ts'
import type { Context, Handler } from '../../command.ts'
import { metricsSource } from '../../metrics-source.ts'
import { duration, parseOptions } from '../../options.ts'
import { actor, registryOf, trustedBy, word } from '../access.ts'
import { canaryText } from '../alias-moved.ts'
import type { answer } from './answer.ts'
import { renderComparison } from './render.ts'
import { parseRule } from './rule.ts'

type Answer = z.infer<typeof answer>

const flags = z.object({
  rule: z.string().optional(),
  auto: z.literal(true).optional(),
  dryRun: z.literal(true).optional(),
  within: duration,
  every: duration,
})

/** Seconds: figures over less would hold no two scrapes. */
const LEAST_WINDOW = 60

export const run: Handler = async ([given], options, ctx) => {
  const { version, alias = String(options.alias), ...address } = parseAddress(word(given))
  if (version !== undefined || !isPlainName(alias))
    throw new FndError('FND_USAGE', {
      problem: 'compare takes the address of a model or of an alias; the alias says which versions',
      command: 'model compare',
    })
  const { auto, dryRun = false, within, every, rule: limits } = parseOptions(flags, options, 'model compare')
  if (dryRun && !auto)
    throw new FndError('FND_USAGE', {
      problem: '--dry-run belongs to --auto: without it nothing is moved anyway',
      command: 'model compare',
    })
  const rule = parseRule(limits)
  const at = { ...address, alias }
  using store = await registryOf(address, ctx)
  const standing = async () => {
    const found = await readAlias(store, address, alias)
    if (!found) throw await unknownAlias(store, at)
    const { canary, version: serving } = found.state
    if (!canary) throw new FndError('FND_CANARY_ABSENT', { address: addressText(at) })
    return { serving, canary }
  }
  const first = await standing()
  await using found = await metricsSource('model compare', options, ctx)
  const look = async (now: typeof first): Promise<Answer> => {
    await found.source.refresh(ctx.signal)
    return compare({ ...now, address: addressText(at), found, rule }, ctx)
  }
  if (!auto) {
    const data = await look(first)
    ctx.out.answer(data, (shown, paint) => renderComparison(shown, paint, ctx.out.columns))
    return data.verdict === 'worse' ? EXIT.unhealthy : EXIT.good
  }
  const { data, canary } = await decided(
    first,
    { standing, look, within, every, address: addressText(at) },
    ctx,
  )
  const request = {
    address,
    alias,
    by: actor(),
    trusted: await trustedBy(ctx),
    now: ctx.now,
    signal: ctx.signal,
    canary,
  }
  const good = data.verdict === 'sound'
  if (!dryRun) {
    if (good) await promote(store, canary.version, { ...request, why: 'compare --auto: within the rule' })
    else await rollback(store, undefined, { ...request, why: `compare --auto: ${data.reasons.join('; ')}` })
  }
  const action = dryRun ? (good ? 'would_promote' : 'would_roll_back') : good ? 'promoted' : 'rolled_back'
  ctx.out.answer<Answer>({ ...data, action }, (shown, paint) =>
    renderComparison(shown, paint, ctx.out.columns),
  )
  return good ? EXIT.good : EXIT.unhealthy
}

interface Compared {
  address: string
  serving: string
  canary: CanaryState
  found: Awaited<ReturnType<typeof metricsSource>>
  rule: CanaryRule
}

async function compare(
  { address, serving, canary, found, rule }: Compared,
  { now, signal }: Pick<Context, 'now' | 'signal'>,
): Promise<Answer> {
  const { source, about } = found
  const age = Math.ceil((now() - Date.parse(canary.since)) / 1000)
  const window = Math.max(LEAST_WINDOW, age)
  const figures = await readCanary(
    source,
    { serving, canary: canary.version, mode: canary.mode },
    window,
    signal,
  )
  const { mode: _, ...seen } = figures
  return {
    address,
    stands: canary,
    source: { kind: source.kind, url: about.url, ...(about.note === undefined ? {} : { note: about.note }) },
    window,
    period: source.period(window),
    ...seen,
    rule,
    // A backend’s own /metrics knows no window: it counts from its start.
    ...judgeCanary(figures, rule, source.kind === 'prometheus' ? window - age : 0),
  }
}

interface Waiting {
  standing(): Promise<{ serving: string; canary: CanaryState }>
  look(now: { serving: string; canary: CanaryState }): Promise<Answer>
  /** Seconds. */
  within: number
  every: number
  address: string
}

/**
 * Looks until the rule can tell. A share that somebody changes meanwhile is measured anew. Interrupted or out of time, it
 * leaves the canary as it stands, and says so.
 *
 * @throws FndError FND_TIMEOUT, FND_CANARY_MOVED; what the first look threw; AbortError.
 */
async function decided(
  first: Awaited<ReturnType<Waiting['standing']>>,
  { standing, look, within, every, address }: Waiting,
  { out, now, signal }: Context,
): Promise<{ data: Answer; canary: CanaryState }> {
  const end = now() + within * 1000
  const step = out.step(`Judge ${first.canary.version} beside ${first.serving}`)
  let { canary } = first
  let last = ''
  try {
    for (let looks = 0; ; looks += 1) {
      try {
        const seen = await standing()
        if (seen.canary.sha256 !== canary.sha256 || seen.serving !== first.serving) throw moved(address)
        canary = seen.canary
        const data = await look(seen)
        if (data.verdict !== 'undecided') {
          step.done(data.verdict)
          return { data, canary }
        }
        last = data.reasons.join('; ')
      } catch (error) {
        if (isFndError(error, 'FND_CANARY_ABSENT')) throw moved(address)
        // What is away for a while is no reason to give up: the deadline is.
        if (looks === 0 || !isFndError(error) || isFndError(error, 'FND_CANARY_MOVED')) throw error
        last = error.message
      }
      const left = (end - now()) / 1000
      step.update(`${last}; ${seconds(Math.max(0, Math.round(left)))} left`)
      if (left <= 0)
        throw new FndError('FND_TIMEOUT', {
          what: `enough texts to judge ${canary.version}`,
          seconds: within,
          last,
        })
      await sleep(Math.min(every, left) * 1000, undefined, { signal })
    }
  } catch (error) {
    const stays = `the canary stands as it was: ${canaryText(canary)}`
    if (signal.aborted || isFndError(error, 'FND_TIMEOUT')) step.fail(stays)
    else step.fail('not judged')
    throw error
  }
}

const moved = (address: string) => new FndError('FND_CANARY_MOVED', { address })
