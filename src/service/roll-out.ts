// Takes new versions of the model while the service runs: loads each beside the old one, then swaps between two requests.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Detector, DetectorEvents, ModelIdentity } from '../detector/detector.ts'
import { reportOf, toFndError } from '../errors/error.ts'
import { failureOf, type ServiceMetrics } from './metrics.ts'
import type { Canary, ModelHost } from './model-host.ts'

/** A version that is to answer from now on; it lies on this machine. */
export interface WantedModel {
  place: string
  version: string
  sha256: string
}

/** What is to be done from now on. */
export interface ModelChange {
  /** The version that is to answer; absent where it stays. */
  serving?: WantedModel
  /** The version that is to stand beside it; absent: none. */
  canary?: WantedModel & Pick<Canary, 'mode' | 'share'>
}

/** Where the service's model comes from. */
export interface ModelFeed {
  /** Where the first one lies. */
  first(): Promise<string>
  /** Whether it is worth another try later: the source is away, not wrong. */
  isAway(error: unknown): boolean
  /** Verifies, warms and tests the model of a place. */
  load(place: string, events: DetectorEvents): Promise<Detector>
  /** This model answers from now on: what to fall back on later. */
  served?(model: ModelIdentity): Promise<void>
  /** Where the model lies that was served last, for when the first one is unsound. */
  lastServed?(): Promise<string | undefined>
  /** What changes, for a source that moves; `from` is the manifest hash of what it meant first. */
  changes?(from: string, failed: (error: unknown, canary?: string) => void): AsyncIterable<ModelChange>
}

export interface RollOut {
  model: ModelHost
  feed: ModelFeed
  metrics: ServiceMetrics
  log: FastifyBaseLogger
  /** Seconds that the version before stays loaded, for a roll-back at once. */
  keep: number
  stop: AbortSignal
  /** Aborted when nothing is waited for any more: what replaced models still work on is given up. */
  cutOff: AbortSignal
}

const FIRST_PAUSE = 1
const LONGEST_PAUSE = 30
/** Milliseconds between two looks whether a replaced model has still work. */
const IDLE_POLL = 50

/** Loads the first model. While its source is away it is tried again, ever more seldom; anything else is thrown. */
export async function loadFirst(rollOut: RollOut): Promise<Detector | undefined> {
  const { model, feed, metrics, log, stop } = rollOut
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      const detector = await model.open(() => loadSound(rollOut))
      const { name, version } = detector.model
      await feed.served?.(detector.model)
      log.info({ model: name, version, seconds: detector.loadSeconds }, 'ready')
      return detector
    } catch (error) {
      if (stop.aborted) return undefined
      metrics.modelLoadFailed(failureOf(error))
      if (!feed.isAway(error)) throw error
      log.error({ error: reportOf(toFndError(error)), retryAfter: pause }, 'no model yet')
      await sleep(pause * 1000 * (0.5 + Math.random()), undefined, { signal: stop }).catch(() => {})
      if (stop.aborted) return undefined
    }
  }
}

/** Loads the first model; one that is unsound gives way to the one that was served last, where there is one. */
async function loadSound({ feed, metrics, log, stop }: RollOut): Promise<Detector> {
  let place: string | undefined
  try {
    place = await feed.first()
    return await feed.load(place, metrics.detectorEvents)
  } catch (error) {
    const last = stop.aborted ? undefined : await feed.lastServed?.()
    if (last === undefined || last === place) throw error
    metrics.modelLoadFailed(failureOf(error))
    log.error(
      { error: reportOf(toFndError(error)) },
      'model refused: falling back on the one that was served last',
    )
    return feed.load(last, metrics.detectorEvents)
  }
}

/**
 * Follows the feed until `stop`. A version that cannot be had, or fails its self-test, is counted and told, and the one
 * that answers goes on; so it does without a canary that is refused. The version before stays loaded for `keep` seconds.
 * A version that is loaded, as canary or as the one before, is taken as it is.
 */
export async function followFeed(first: Detector, rollOut: RollOut): Promise<void> {
  const { model, feed, metrics, log, stop } = rollOut
  /** `canary` is its version, where it is the canary that is refused. */
  const refused = (error: unknown, canary?: string): void => {
    const reason = failureOf(error)
    metrics.modelLoadFailed(reason)
    if (canary !== undefined) metrics.canaryRefused({ version: canary, reason })
    const what = canary === undefined ? 'model refused' : 'canary refused'
    log.error({ error: reportOf(toFndError(error)), serving: model.detector?.model.version }, what)
  }
  const failed = (error: unknown, canary?: string): void => {
    if (!feed.isAway(error)) refused(error, canary)
    else log.warn({ error: reportOf(toFndError(error)) }, 'the source of the model is away')
  }
  let standby: Standby | undefined
  const ending: Promise<void>[] = []

  /** False when the service stops. */
  const serve = async (wanted: WantedModel, current: Detector): Promise<boolean> => {
    const { canary } = model
    let next = standby?.take(wanted.sha256)
    if (canary?.detector.model.sha256 === wanted.sha256) next = canary.detector
    try {
      next ??= await feed.load(wanted.place, metrics.detectorEvents)
    } catch (error) {
      refused(error)
      return true
    }
    if (!model.replace(next)) {
      await next[Symbol.asyncDispose]()
      return false
    }
    const { name, version } = next.model
    await feed.served?.(next.model)
    log.info(
      { model: name, version, before: current.model.version, seconds: next.loadSeconds },
      'model replaced',
    )
    if (standby) ending.push(standby.end())
    standby = keepFor(current, rollOut)
    return true
  }

  /** Sets the canary that is wanted, which may be none; false when the service stops. */
  const accompany = async (wanted: ModelChange['canary']): Promise<boolean> => {
    const before = model.canary
    metrics.canaryRefused(undefined)
    if (before && before.detector.model.sha256 !== wanted?.sha256) {
      if (!model.accompany(undefined)) return false
      ending.push(finish(before.detector, rollOut.cutOff))
      log.info({ version: before.detector.model.version }, 'canary withdrawn')
    }
    if (!wanted || wanted.sha256 === model.detector?.model.sha256) return true
    const { mode, share, version } = wanted
    let detector = model.canary?.detector ?? standby?.take(wanted.sha256)
    try {
      detector ??= await feed.load(wanted.place, metrics.detectorEvents)
    } catch (error) {
      refused(error, version)
      return true
    }
    if (!model.accompany({ detector, mode, share })) {
      if (model.canary?.detector !== detector) await detector[Symbol.asyncDispose]()
      return false
    }
    log.info({ version, mode, share, serving: model.detector?.model.version }, 'canary')
    return true
  }

  try {
    for await (const { serving, canary } of feed.changes?.(first.model.sha256, failed) ?? []) {
      const current = model.detector
      if (stop.aborted || !current) return
      if (serving && serving.sha256 !== current.model.sha256 && !(await serve(serving, current))) return
      if (!(await accompany(canary))) return
    }
  } finally {
    await Promise.all([...ending, standby?.end()])
  }
}

/** The version before, for as long as it is kept. */
interface Standby {
  /** Gives the detector back when it is the one that is wanted; it is then no longer kept. */
  take(sha256: string): Detector | undefined
  end(): Promise<void>
}

function keepFor(detector: Detector, { keep, cutOff }: RollOut): Standby {
  let taken = false
  let retired: Promise<void> | undefined
  const retire = (): Promise<void> => {
    clearTimeout(timer)
    if (!taken) retired ??= finish(detector, cutOff)
    return retired ?? Promise.resolve()
  }
  const timer = setTimeout(() => void retire(), keep * 1000)
  return {
    take(sha256) {
      if (retired || detector.model.sha256 !== sha256) return undefined
      taken = true
      clearTimeout(timer)
      return detector
    },
    end: retire,
  }
}

/**
 * Ends a replaced detector once it has no work. Its requests came before the swap, but a batch of them hands its texts
 * on one after the other: refused before it is idle, the rest of the batch would fail.
 */
async function finish(detector: Detector, cutOff: AbortSignal): Promise<void> {
  const idle = (): boolean => {
    const { queueDepth, workers } = detector.load()
    return queueDepth === 0 && workers.busy === 0
  }
  // A text whose request takes it up right after the swap is not queued yet.
  do await sleep(IDLE_POLL, undefined, { signal: cutOff }).catch(() => {})
  while (!cutOff.aborted && !idle())
  if (cutOff.aborted) await detector[Symbol.asyncDispose]()
  else await detector.drain()
}
