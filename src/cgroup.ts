// What the kernel allows this process (cgroup v2, and the CPU quota of v1): memory, cores, and how long the CPU limit has held it back.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Each is absent where no limit is set, or where there is no such cgroup. */
export interface CgroupLimits {
  /** Bytes. */
  memory?: number
  cores?: number
  /** Seconds since the group began. */
  throttled?: number
}

/** A file's text; undefined where it cannot be read: the kernel leaves out what does not apply. */
export type ReadText = (path: string) => string | undefined

/**
 * The limits that hold for this process: a limit of a parent group holds as well, so the tightest counts.
 * Formats: Linux kernel documentation, admin-guide/cgroup-v2 (memory.max, cpu.max, cpu.stat) and scheduler/sched-bwc (v1).
 */
export function cgroupLimits(read: ReadText = readText): CgroupLimits {
  const limits: CgroupLimits = {}
  const cores = (quota: string | undefined, period: string | undefined, stat?: string) => {
    const value = Number(quota) / Number(period)
    // "max", -1 or no file: there is none.
    if (!Number.isFinite(value) || value <= 0 || value >= (limits.cores ?? Number.POSITIVE_INFINITY)) return
    limits.cores = value
    const held = /^throttled_usec (\d+)$/m.exec(stat ?? '')?.[1]
    if (held !== undefined) limits.throttled = Number(held) / 1e6
  }
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    for (const group of upwards(path)) {
      const file = (name: string, root = '/sys/fs/cgroup') => read(join(root, group, name))?.trim()
      if (controllers === '') {
        const bytes = Number(file('memory.max'))
        if (bytes > 0) limits.memory = Math.min(limits.memory ?? bytes, bytes)
        cores(...pair(file('cpu.max')), file('cpu.stat'))
      } else if (controllers.split(',').includes('cpu')) {
        const root = '/sys/fs/cgroup/cpu'
        cores(file('cpu.cfs_quota_us', root), file('cpu.cfs_period_us', root))
      }
    }
  }
  return limits
}

/** A group and all above it, each of which may hold a limit. */
function upwards(path: string): string[] {
  return path === '/' ? ['/'] : [path, ...upwards(dirname(path))]
}

function pair(text = ''): [string | undefined, string | undefined] {
  const [quota, period] = text.split(' ')
  return [quota, period]
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
