// Where `fnd serve` takes its model from: a place on this machine, a version of a registry, or an alias that it follows.

import type { FastifyBaseLogger } from 'fastify'
import type { Settings } from '../../config/schema.ts'
import { createDetector } from '../../detector/create.ts'
import type { ModelIdentity } from '../../detector/detector.ts'
import { messageOf } from '../../errors/error.ts'
import { isRegistrySource, parseReference } from '../../registry/address.ts'
import { lastCopy, remember } from '../../registry/cache.ts'
import { followAlias } from '../../registry/follow.ts'
import { bringModel, isRegistryAway, type SourceRequest, type SourceTalk } from '../../registry/source.ts'
import type { ModelFeed } from '../../service/roll-out.ts'
import type { Context } from '../command.ts'
import { sourceRequest } from '../local-model.ts'

export function modelFeed(settings: Settings, ctx: Context, log: FastifyBaseLogger): ModelFeed {
  const { model, registry, backend } = settings
  const talk: SourceTalk = {
    fetching(what, bytes) {
      log.info({ model: what, bytes }, 'fetching')
      return { advance: () => {}, end: () => log.info({ model: what }, 'fetched') }
    },
    waiting: (what) => log.info({ what }, 'waiting'),
    fallback: (text) => log.warn(text),
  }
  const request: SourceRequest = { ...sourceRequest(settings, ctx, talk), prefer: 'served' }
  const reference = isRegistrySource(model) ? parseReference(model) : undefined
  return {
    first: async () => (await bringModel(model, request)).place,
    isAway: isRegistryAway,
    load: (place, events) =>
      createDetector({
        model: place,
        deadline: backend.deadline,
        events,
        ...(backend.workers === undefined ? {} : { workers: backend.workers }),
      }),
    ...(reference && 'alias' in reference
      ? {
          served: ({ version, sha256 }: ModelIdentity) =>
            remember(ctx.paths, reference, { version, sha256, now: ctx.now() }, 'served').catch(
              (error: unknown) => log.warn({ why: messageOf(error) }, 'what is served cannot be noted'),
            ),
          lastServed: async () => (await lastCopy(ctx.paths, reference, request))?.bundle.folder,
        }
      : {}),
    ...(reference && 'alias' in reference && !settings.offline
      ? {
          changes: (from, failed) =>
            followAlias(reference, from, { ...request, poll: registry.poll, failed }),
        }
      : {}),
  }
}
