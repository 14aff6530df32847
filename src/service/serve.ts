// Runs the backend: listens first, loads the model after, serves until told to stop, finishes what it has taken.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Settings } from '../config/schema.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { buildApp } from './app.ts'
import { createMetrics } from './metrics.ts'
import { ModelHost } from './model-host.ts'
import { followFeed, loadFirst, type ModelFeed, type RollOut } from './roll-out.ts'

export interface ServeOptions {
  settings: Pick<Settings, 'backend' | 'ports' | 'registry'>
  build: { version: string; commit: string }
  feed: ModelFeed
  log: FastifyBaseLogger
  /** The stack that holds a port which cannot be had, where it is one of fnd's. */
  stackAt(port: number): string | undefined
  /** Aborted when the service is to stop. */
  stop: AbortSignal
}

/**
 * Serves until `stop`, lingers, then stops accepting, answers what was taken and ends the workers.
 *
 * @returns true when everything was finished within the grace period, false when the rest was cut off.
 * @throws FndError FND_PORT_TAKEN, FND_LISTEN, or what loading the model threw.
 */
export async function serve(options: ServeOptions): Promise<boolean> {
  const { settings, build, log, stop } = options
  const model = new ModelHost()
  const metrics = createMetrics(build, model)
  const app = await buildApp({
    settings: settings.backend,
    model,
    metrics,
    version: build.version,
    log,
  })
  const cutOff = new AbortController()
  let following: Promise<void> | undefined
  try {
    await listen(app, settings.backend.host, settings.ports.backend, options.stackAt)
    const { keep } = settings.registry
    const rollOut: RollOut = { model, feed: options.feed, metrics, log, keep, stop, cutOff: cutOff.signal }
    const first = await loadFirst(rollOut)
    if (first)
      following = followFeed(first, rollOut).catch((error: unknown) =>
        log.error({ why: messageOf(error) }, 'the model is no longer followed'),
      )
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  } catch (error) {
    await finish({ app, model, cutOff }, 0)
    throw error
  }
  const { grace, linger = 0 } = settings.backend
  if (linger > 0 && model.ready) {
    // An idle connection that is closed here may lose the request that is on its way: its client closes it instead.
    log.info({ linger }, 'leaving')
    model.leave()
    await sleep(linger * 1000)
  }
  log.info({ queued: model.detector?.load().queueDepth ?? 0, grace }, 'stopping')
  const finished = await finish({ app, model, cutOff, following }, grace)
  if (finished) log.info('stopped')
  else log.warn({ grace }, 'stopped before everything was answered')
  return finished
}

interface Running {
  app: FastifyInstance
  model: ModelHost
  cutOff: AbortController
  /** Settles once the replaced models have ended too. */
  following?: Promise<void> | undefined
}

/** Ends server, queue and workers in this order; after `grace` seconds what is left is cut off. */
async function finish({ app, model, cutOff, following }: Running, grace: number): Promise<boolean> {
  model.refuse()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, grace * 1000, false)
  })
  const work = (async () => {
    await app.close()
    await Promise.all([model[Symbol.asyncDispose](), following])
    return true
  })()
  try {
    const finished = await Promise.race([work, late])
    if (!finished) {
      app.server.closeAllConnections()
      cutOff.abort()
      await model.cutOff()
    }
    return finished
  } finally {
    clearTimeout(timer)
  }
}

async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
  stackAt: ServeOptions['stackAt'],
): Promise<void> {
  try {
    await app.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new FndError(
        'FND_PORT_TAKEN',
        { taken: [{ port, component: 'the backend', flag: 'port', stack: stackAt(port) }] },
        { cause },
      )
    throw new FndError('FND_LISTEN', { address: `${host}:${port}`, why: messageOf(cause) }, { cause })
  }
}
