// Who judges a text: the running stack, or a detector in this process.

import type { ExplainMode } from '../../detector/detector.ts'
import { FndError, isFndError } from '../../errors/error.ts'
import type { Judge } from '../../rows/judge.ts'
import type { Context } from '../command.ts'
import { withLocalModel } from '../local-model.ts'
import { stackAddress } from '../stack.ts'

export interface Judging extends AsyncDisposable {
  where: 'local' | 'stack'
  judge: Judge
}

export interface JudgingRequest {
  where: 'auto' | 'local' | 'stack'
  /** A bundle was named on the command line; a running stack has its own. */
  modelNamed: boolean
  explain: ExplainMode
  /** Many texts are to come: worth the start of worker threads. */
  bulk: boolean
}

/** Leaving out one sentence at a time takes as many predictions as there are sentences. */
const PATIENCE_SECONDS = 120

/**
 * Opens whoever judges; who it is is said on stderr with the first answer, as until then nothing has been judged.
 *
 * @throws FndError FND_STACK_ABSENT when the stack was asked for and is not up; FND_MODEL_… when the bundle cannot be used.
 */
export async function openJudging(request: JudgingRequest, ctx: Context): Promise<Judging> {
  const { where, modelNamed } = request
  if (where === 'stack' && modelNamed)
    throw new FndError('FND_USAGE', {
      problem: 'The running stack has a model of its own: --model does not go with --where stack',
      command: 'predict',
    })
  if (where !== 'local' && !modelNamed) {
    const judging = await stackJudging(request, ctx).catch((error: unknown) => {
      const absent = isFndError(error, 'FND_STACK_ABSENT') || isFndError(error, 'FND_COMPONENT_ABSENT')
      if (where === 'auto' && absent) return undefined
      throw error
    })
    if (judging) return judging
  }
  const who =
    where === 'auto' && !modelNamed ? 'No stack is up: judged in this process' : 'Judged in this process'
  return localJudging(request, who, ctx)
}

function telling(judge: Judge, who: string, { out }: Context): Judge {
  let told = false
  return async (text, signal) => {
    const answer = await judge(text, signal)
    if (!told) out.say(who)
    told = true
    return answer
  }
}

async function stackJudging({ explain }: JudgingRequest, ctx: Context): Promise<Judging> {
  const { name, backend } = await ctx.settings()
  const address = await stackAddress('backend', ctx)
  const { createBackendClient } = await import('../../service/client.ts')
  const client = createBackendClient({ url: address.url, apiKey: backend.apiKey })
  return {
    where: 'stack',
    judge: telling(
      (text, signal) => client.predict(text, { explain, signal, timeout: PATIENCE_SECONDS }),
      `Judged by the running stack '${name}' (${address.url.host})`,
      ctx,
    ),
    [Symbol.asyncDispose]: () => address[Symbol.asyncDispose](),
  }
}

async function localJudging({ bulk, explain }: JudgingRequest, who: string, ctx: Context): Promise<Judging> {
  const { model, backend } = await withLocalModel(await ctx.settings(), ctx)
  const detector = bulk
    ? await (await import('../../detector/create.ts')).createDetector({
        model,
        ...(backend.workers ? { workers: backend.workers } : {}),
        deadline: PATIENCE_SECONDS,
      })
    : await (await import('../../detector/inline.ts')).createInlineDetector({ model })
  return {
    where: 'local',
    judge: telling((text, signal) => detector.predict(text, { explain, signal }), who, ctx),
    [Symbol.asyncDispose]: () => detector[Symbol.asyncDispose](),
  }
}
