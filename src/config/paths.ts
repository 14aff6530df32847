// The platform's proper folders for what fnd keeps: cache (programs, models) and state (stacks).

import { resolve } from 'node:path'
import envPaths from 'env-paths'

export interface Paths {
  /** What can be fetched again: external programs, pulled models. Survives `fnd down`. */
  readonly cache: string
  /** What a running stack needs: one folder per stack, gone after `fnd down`. */
  readonly state: string
  /** The state folder of one stack. */
  stack(name: string): string
}

/**
 * The folders, always absolute: from FND_CACHE_DIR and FND_STATE_DIR (relative ones within `cwd`, empty ones count as unset)
 * or the platform's convention (XDG on Linux).
 */
export function resolvePaths(env: NodeJS.ProcessEnv, cwd: string): Paths {
  const platform = envPaths('fnd', { suffix: '' })
  const folder = (named: string | undefined, usual: string) => (named ? resolve(cwd, named) : usual)
  const state = folder(env.FND_STATE_DIR, platform.data)
  return {
    cache: folder(env.FND_CACHE_DIR, platform.cache),
    state,
    stack: (name) => `${state}/stacks/${name}`,
  }
}
