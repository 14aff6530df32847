// `fnd up`: checks, then the runtime's actions one by one, then the wait for real answers; a failure is explained and rolled back.

import type { z } from 'zod'
import { type PreflightWorld, preflight } from '../../checks/preflight.ts'
import { FndError, messageOf, toFndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import type { Output } from '../../output/output.ts'
import { isRegistrySource } from '../../registry/address.ts'
import { lockStack } from '../../runtime/lock.ts'
import { openRuntime, refuseElsewhere } from '../../runtime/open.ts'
import type { Action, CheckResult, Endpoints, Runtime } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
import { refuseSecondModel, withLocalModel } from '../local-model.ts'
import type { answer } from './answer.ts'
import { renderUp } from './render.ts'
import { servedModel } from './served-model.ts'

type Answer = z.infer<typeof answer>
type Done = Answer['actions'][number]

/** Longest look at what an interrupted run has left. */
const STATUS_MS = 5000

export const run: Handler = async (_args, options, ctx) => {
  const { out, paths, env, signal, nodeVersion } = ctx
  const started = performance.now()
  // Who runs `npx fnd up` has no `fnd` on the PATH yet.
  const program = env.npm_command === 'exec' ? 'npx fnd' : 'fnd'
  const look = { quiet: out.quiet, columns: out.columns, program }
  const setup = { settings: await ctx.settings(), paths, env }
  const { settings } = setup
  const runtime = await openRuntime(setup, signal)
  out.say(`Stack '${settings.name}' on runtime ${runtime.name}: ${runtime.why}`)
  if (settings.kubernetes.s3 && runtime.name !== 'kind')
    throw new FndError('FND_USAGE', {
      problem: `Only a kind cluster gets an S3 server (kubernetes.s3), not the runtime ${runtime.name}`,
      command: 'up',
    })
  if (runtime.name !== 'local') refuseSecondModel(settings, 'up')
  // A model that cannot be had is told before anything is made; pods fetch theirs themselves, with their own rights.
  if (runtime.name === 'local') await withLocalModel(settings, ctx)
  else if (runtime.name === 'cluster' && isRegistrySource(settings.model) && !settings.registry.endpoint)
    if (env.AWS_ENDPOINT_URL_S3)
      out.say('AWS_ENDPOINT_URL_S3 is for this machine: pods are told registry.endpoint')
  const about = { name: settings.name, runtime: runtime.name, why: runtime.why }

  if (options.dryRun === true) {
    await refuseElsewhere(runtime.name, setup)
    await checkFirst({ settings, paths, runtime, nodeVersion }, out, signal)
    const { actions } = await runtime.plan(signal)
    const planned = actions.map(({ id, title }): Done => ({ id, title, outcome: 'planned', seconds: 0 }))
    const changes = (await runtime.changes?.(signal)) ?? []
    const notes = changes.map(({ change, object }) => `${change} ${object}`)
    out.answer<Answer>(
      { ...about, state: 'planned', actions: planned, endpoints: {}, notes, seconds: since(started) },
      (data, paint) => renderUp(data, paint, look),
    )
    return EXIT.good
  }

  await using _ = await lockStack(paths, settings.name, {
    seconds: settings.timeout,
    signal,
    progress: { update: out.say },
  })
  await refuseElsewhere(runtime.name, setup)
  await checkFirst({ settings, paths, runtime, nodeVersion }, out, signal)
  const done = await perform(runtime, out, signal, options.keepOnFailure === true)
  await using endpoints = await runtime.endpoints(signal)
  const status = await runtime.status(signal)
  const model = await servedModel(endpoints.backend, settings.backend.apiKey, signal)
  // The forwarded ones end with this process.
  const { backend, prometheus, grafana, s3 }: Partial<Endpoints> = endpoints.forwarded ? {} : endpoints
  out.answer<Answer>(
    {
      ...about,
      state: status.state === 'running' ? 'running' : 'degraded',
      ...(model && { model }),
      actions: done,
      endpoints: {
        ...(backend && { backend: backend.origin }),
        ...(prometheus && { prometheus: prometheus.origin }),
        ...(grafana && { grafana: grafana.origin }),
        ...(s3 && { s3: s3.origin }),
      },
      notes: status.notes,
      seconds: since(started),
    },
    (data, paint) => renderUp(data, paint, look),
  )
  return EXIT.good
}

/** @throws the error of the first check that stands in the way. */
async function checkFirst(world: PreflightWorld, out: Output, signal: AbortSignal): Promise<void> {
  const step = out.step('Check this machine')
  const failed: CheckResult[] = []
  try {
    for await (const result of preflight(world, signal)) {
      signal.throwIfAborted()
      step.update(result.title)
      if (result.outcome === 'fail') failed.push(result)
    }
  } catch (error) {
    step.fail(messageOf(error))
    throw error
  }
  const [first] = failed
  if (!first) return step.done()
  step.fail(failed.map(({ title, detail }) => detail ?? title).join('; '))
  throw (
    first.error ??
    new FndError('FND_PREFLIGHT', {
      problems: failed.map(({ title, detail }) => (detail ? `${title}: ${detail}` : title)),
      mend: first.mend ?? 'Run `fnd check` for the whole list.',
    })
  )
}

async function perform(
  runtime: Runtime,
  out: Output,
  signal: AbortSignal,
  keepOnFailure: boolean,
): Promise<Done[]> {
  const { actions } = await runtime.plan(signal)
  const done: Done[] = []
  const begun: Action[] = []
  try {
    for (const action of actions) {
      begun.push(action)
      done.push(await performOne(action, out, signal))
    }
    const wait: Action = {
      id: 'ready',
      title: 'Wait until every component answers',
      run: async (progress) => {
        await runtime.wait(progress, signal)
        return { outcome: 'unchanged' }
      },
    }
    done.push(await performOne(wait, out, signal))
    return done
  } catch (error) {
    if (signal.aborted) {
      await tellWhatStays(runtime, out)
      throw error
    }
    await explain(runtime, out, signal)
    if (!keepOnFailure) await rollBack(begun, out)
    throw error
  }
}

async function performOne(action: Action, out: Output, signal: AbortSignal): Promise<Done> {
  signal.throwIfAborted()
  const started = performance.now()
  const step = out.step(action.title)
  try {
    const { outcome, detail } = await action.run(step, signal)
    if (outcome === 'degraded') step.warn(detail ?? 'degraded')
    else if (outcome === 'skipped') step.skip(detail ?? 'not needed')
    else step.done(detail)
    return { id: action.id, title: action.title, outcome, seconds: since(started), ...(detail && { detail }) }
  } catch (error) {
    step.fail(signal.aborted ? 'interrupted' : toFndError(error).code)
    throw error
  }
}

/** Interrupted: what stands is what the next `up` goes on from. */
async function tellWhatStays(runtime: Runtime, out: Output): Promise<void> {
  const status = await runtime.status(AbortSignal.timeout(STATUS_MS)).catch(() => undefined)
  const running = (status?.components ?? []).filter(({ state }) => state !== 'missing' && state !== 'stopped')
  const what = [...new Set(running.map(({ component }) => component))].join(', ')
  out.warn(
    `${what ? `Still running: ${what}` : 'What was made so far stays'}. \`fnd up\` goes on from there, \`fnd down\` ends it all.`,
  )
}

async function explain(runtime: Runtime, out: Output, signal: AbortSignal): Promise<void> {
  try {
    out.say(`What explains this is kept in ${await runtime.evidence(signal)}`)
  } catch (error) {
    out.warn(`The evidence could not be saved: ${messageOf(error)}`)
  }
}

/** Takes back what this run made, last first. */
async function rollBack(begun: readonly Action[], out: Output): Promise<void> {
  out.say('What this run has made is taken back; --keep-on-failure leaves it for a look')
  for (const action of begun.toReversed()) {
    try {
      await action.undo?.()
    } catch (error) {
      out.warn(`"${action.title}" could not be taken back: ${messageOf(error)}`)
    }
  }
}

/** Seconds since a time of performance.now(), to the millisecond. */
function since(started: number): number {
  return Math.round(performance.now() - started) / 1000
}
