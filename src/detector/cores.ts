// How many cores this process may really use: the host's count is not the cgroup's quota.

import { availableParallelism } from 'node:os'
import { cgroupLimits } from '../cgroup.ts'

/** Whole cores for inference: the affinity mask, cut to the tightest CPU quota; at least 1. */
export function availableCores(mask = availableParallelism(), quota = cgroupLimits().cores): number {
  return Math.max(1, Math.floor(Math.min(mask, quota ?? mask)))
}
