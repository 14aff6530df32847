// What the kernel allows this process (cgroup v2): memory, cores, and how long the CPU limit has held it back.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Each is absent where no limit is set, or where there is no cgroup v2. */
export interface ProcessLimits {
  /** Bytes. */
  memory?: number
  cores?: number
  /** Seconds since the group began. */
  throttled?: number
}

/**
 * Reads the limits that hold for this process: a limit of a parent group holds as well, so the tightest counts.
 * Formats: Linux kernel documentation, admin-guide/cgroup-v2 (memory.max, cpu.max, cpu.stat).
 */
export async function readLimits(
  root = '/sys/fs/cgroup',
  self = '/proc/self/cgroup',
): Promise<ProcessLimits> {
  const path = /^0::(\/.*)$/m.exec(await textOf(self))?.[1]
  if (path === undefined) return {}
  const limits: ProcessLimits = {}
  for (let group = path; ; group = dirname(group)) {
    const folder = join(root, group)
    const [memory, cpu, stat] = await Promise.all(
      ['memory.max', 'cpu.max', 'cpu.stat'].map((file) => textOf(join(folder, file))),
    )
    const bytes = /^\d+/.exec(memory ?? '')?.[0]
    if (bytes) limits.memory = Math.min(limits.memory ?? Number.POSITIVE_INFINITY, Number(bytes))
    const [, quota, period] = /^(\d+) (\d+)/.exec(cpu ?? '') ?? []
    if (quota && period) {
      const cores = Number(quota) / Number(period)
      if (limits.cores === undefined || cores < limits.cores) {
        limits.cores = cores
        limits.throttled = Number(/^throttled_usec (\d+)$/m.exec(stat ?? '')?.[1] ?? 0) / 1e6
      }
    }
    if (group === '/' || group === '.') return limits
  }
}

/** The text of a file, empty where it cannot be read: the kernel leaves out what does not apply. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
