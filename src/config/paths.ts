// The platform's proper folders for what fnd keeps: cache (programs, models) and state (stacks).

import envPaths from 'env-paths'

export interface Paths {
  /** What can be fetched again: external programs, pulled models. Survives `fnd down`. */
  readonly cache: string
  /** What a running stack needs: one folder per stack, gone after `fnd down`. */
  readonly state: string
  /** The state folder of one stack. */
  stack(name: string): string
}

/** The folders, from FND_CACHE_DIR and FND_STATE_DIR or the platform's convention (XDG on Linux). */
export function resolvePaths(env: NodeJS.ProcessEnv): Paths {
  const platform = envPaths('fnd', { suffix: '' })
  const state = env.FND_STATE_DIR ?? platform.data
  return { cache: env.FND_CACHE_DIR ?? platform.cache, state, stack: (name) => `${state}/stacks/${name}` }
}
