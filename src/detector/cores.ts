// How many cores this process may really use: the host's count is not the cgroup's quota.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

/** What is asked of the machine; replaced in tests. */
export interface CoreSources {
  /** Cores of the affinity mask. */
  parallelism: number
  /** A file's text; undefined where it cannot be read. */
  read(path: string): string | undefined
}

const machine = (): CoreSources => ({
  parallelism: availableParallelism(),
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
})

/** Whole cores for inference: the affinity mask, cut to the tightest CPU quota of cgroup v1 or v2; at least 1. */
export function availableCores({ parallelism, read } = machine()): number {
  const quotas = (read('/proc/self/cgroup') ?? '0::/').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || !path) return []
    if (controllers === '')
      return upwards(path).map((at) => quotaV2(read(join('/sys/fs/cgroup', at, 'cpu.max'))))
    if (!controllers.split(',').includes('cpu')) return []
    return upwards(path).map((at) => {
      const folder = join('/sys/fs/cgroup/cpu', at)
      return quotaV1(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')))
    })
  })
  return Math.max(1, Math.floor(Math.min(parallelism, ...quotas)))
}

/** A cgroup and all above it, each of which may hold a quota. */
function upwards(path: string): string[] {
  return path === '/' || path === '.' ? ['/'] : [path, ...upwards(dirname(path))]
}

function quotaV2(text: string | undefined): number {
  const [quota, period] = (text ?? 'max').trim().split(' ')
  return quotaV1(quota, period)
}

/** Cores of a quota; Infinity where there is none ("max", -1, no file). */
function quotaV1(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period)
  return Number.isFinite(cores) && cores > 0 ? cores : Number.POSITIVE_INFINITY
}
