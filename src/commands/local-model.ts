// Models of a registry, for commands that use them in this process or hand them on as a folder.

import type { Settings } from '../config/schema.ts'
import { DEFAULT_MODEL } from '../detector/bundled.ts'
import { FndError } from '../errors/error.ts'
import { isRegistrySource } from '../registry/address.ts'
import { trustedKeys } from '../registry/signature.ts'
import type { SourceRequest, SourceTalk } from '../registry/source.ts'
import type { Context } from './command.ts'

/** The settings with the model on this machine; one of a registry is fetched where it is not there yet. */
export async function withLocalModel(settings: Settings, ctx: Context): Promise<Settings> {
  if (!isRegistrySource(settings.model)) return settings
  const { bringModel } = await import('../registry/source.ts')
  const { place } = await bringModel(settings.model, sourceRequest(settings, ctx))
  return { ...settings, model: place }
}

/**
 * A ready-made image has a model of its own: another of this machine would not be used. Pods fetch one of a registry.
 *
 * @throws FndError FND_USAGE when both are named.
 */
export function refuseSecondModel({ images, model }: Settings, command: string): void {
  if (!images.backend || model === DEFAULT_MODEL || isRegistrySource(model)) return
  throw new FndError('FND_USAGE', {
    problem: `The image ${images.backend} has its own model: ${model} would not be used. Name one of the two`,
    command,
  })
}

/** What bringing a model to this machine needs; without `talk`, its progress is on stderr. */
export function sourceRequest(settings: Settings, ctx: Context, talk = sourceTalk(ctx)): SourceRequest {
  return {
    settings: settings.registry,
    env: ctx.env,
    signal: ctx.signal,
    paths: ctx.paths,
    now: ctx.now,
    offline: settings.offline,
    trusted: trustedKeys(settings.registry.trustedKeys, ctx.cwd),
    talk,
  }
}

function sourceTalk({ out }: Pick<Context, 'out'>): SourceTalk {
  return {
    fetching(what, bytes) {
      const bar = out.bar(`fetching ${what}`, bytes, 'bytes')
      return { advance: (by) => bar.advance(by), end: () => bar.end() }
    },
    waiting: (what) => out.say(`… ${what}`),
    fallback: (text) => out.warn(text),
  }
}
