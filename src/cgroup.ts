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

/** Milliseconds for which limits are taken as unchanged. */
const LIMITS_HOLD_MS = 60_000
/** How long a group was held back, in its cpu.stat. */
const THROTTLED = /^throttled_usec (\d+)$/m

/** A file's text; undefined where it cannot be read: the kernel leaves out what does not apply. */
export type ReadText = (path: string) => string | undefined

/**
 * The limits that hold for this process: a limit of a parent group holds as well, so the tightest counts.
 * Formats: Linux kernel documentation, admin-guide/cgroup-v2 (memory.max, cpu.max, cpu.stat) and scheduler/sched-bwc (v1).
 */
export function cgroupLimits(read: ReadText = readText): CgroupLimits {
  return lookUp(read).limits
}

/**
 * Tells the limits as often as asked, at the cost of one file: looking for them was the dearest part of a scrape, and only
 * the throttling changes from one to the next. The limits are looked for again after a minute: Kubernetes can move them.
 */
export function limitsReader(read: ReadText = readText, now = () => performance.now()): () => CgroupLimits {
  let seen: ReturnType<typeof lookUp> | undefined
  let at = 0
  return () => {
    if (!seen || now() - at >= LIMITS_HOLD_MS) {
      seen = lookUp(read)
      at = now()
      return seen.limits
    }
    const held = heldBack(read, seen.statFile)
    return held === undefined ? seen.limits : { ...seen.limits, throttled: held }
  }
}

/** The limits, and the file that counts the throttling of the tightest group. */
function lookUp(read: ReadText): { limits: CgroupLimits; statFile?: string } {
  const limits: CgroupLimits = {}
  let statFile: string | undefined
  const cores = (quota: string | undefined, period: string | undefined, stat?: string) => {
    const value = Number(quota) / Number(period)
    // "max", -1 or no file: there is none.
    if (!Number.isFinite(value) || value <= 0 || value >= (limits.cores ?? Number.POSITIVE_INFINITY)) return
    limits.cores = value
    const held = heldBack(read, stat)
    if (held === undefined) return
    limits.throttled = held
    statFile = stat
  }
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, ownGroup] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || ownGroup === undefined) continue
    for (const group of upwards(ownGroup)) {
      const path = (name: string, root = '/sys/fs/cgroup') => join(root, group, name)
      const file = (...of: Parameters<typeof path>) => read(path(...of))?.trim()
      if (controllers === '') {
        const bytes = Number(file('memory.max'))
        if (bytes > 0) limits.memory = Math.min(limits.memory ?? bytes, bytes)
        cores(...pair(file('cpu.max')), path('cpu.stat'))
      } else if (controllers.split(',').includes('cpu')) {
        const root = '/sys/fs/cgroup/cpu'
        cores(file('cpu.cfs_quota_us', root), file('cpu.cfs_period_us', root))
      }
    }
  }
  return { limits, ...(statFile ? { statFile } : {}) }
}

/** Seconds, from a cpu.stat; undefined where there is none. */
function heldBack(read: ReadText, stat: string | undefined): number | undefined {
  const held = stat === undefined ? undefined : THROTTLED.exec(read(stat) ?? '')?.[1]
  return held === undefined ? undefined : Number(held) / 1e6
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
