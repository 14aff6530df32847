// What the kernel says a process may use, from the files of both versions of cgroups.

import { describe, expect, it } from 'vitest'
import { cgroupLimits, limitsReader } from '../../src/cgroup.ts'
import { availableCores } from '../../src/detector/cores.ts'

const limits = (files: Record<string, string>) => cgroupLimits((path) => files[path])
const UNIFIED = {
  '/proc/self/cgroup': '0::/pod/app\n',
  '/sys/fs/cgroup/pod/app/memory.max': '536870912\n',
  '/sys/fs/cgroup/pod/app/cpu.max': '150000 100000\n',
  '/sys/fs/cgroup/pod/app/cpu.stat': 'usage_usec 9\nnr_throttled 2\nthrottled_usec 2500000\n',
}

describe('the limits of the process', () => {
  it('are those of its group, in bytes, cores and seconds', () => {
    expect(limits(UNIFIED)).toEqual({ memory: 536_870_912, cores: 1.5, throttled: 2.5 })
  })

  it('are those of a parent where that is tighter', () => {
    const tighter = {
      '/sys/fs/cgroup/pod/memory.max': '1000\n',
      '/sys/fs/cgroup/cpu.max': '20000 100000',
      '/sys/fs/cgroup/cpu.stat': 'throttled_usec 9000000',
    }
    expect(limits({ ...UNIFIED, ...tighter })).toEqual({ memory: 1000, cores: 0.2, throttled: 9 })
  })

  it('are none where none is set, or without a cgroup', () => {
    const unlimited = {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': 'max\n',
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
    }
    expect(limits(unlimited)).toEqual({})
    expect(limits({ '/proc/self/cgroup': '4:memory:/x\n' })).toEqual({})
    expect(limits({})).toEqual({})
  })

  it('are the CPU quota alone in cgroup v1; -1 is none', () => {
    const files = {
      '/proc/self/cgroup': '3:memory:/\n2:cpu,cpuacct:/docker/abc\n',
      '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    }
    expect(limits(files)).toEqual({ cores: 3 })
  })
})

it('limits are looked for once a minute, the throttling each time, for one file', () => {
  const files: Record<string, string> = { ...UNIFIED }
  let now = 0
  let asked: string[] = []
  const read = limitsReader(
    (path) => {
      asked.push(path)
      return files[path]
    },
    () => now,
  )
  expect(read()).toEqual({ memory: 536_870_912, cores: 1.5, throttled: 2.5 })
  asked = []
  files['/sys/fs/cgroup/pod/app/cpu.stat'] = 'throttled_usec 4000000\n'
  files['/sys/fs/cgroup/pod/app/memory.max'] = '1000\n'
  now = 59_000
  expect(read()).toEqual({ memory: 536_870_912, cores: 1.5, throttled: 4 })
  expect(asked).toEqual(['/sys/fs/cgroup/pod/app/cpu.stat'])
  now = 60_000
  expect(read().memory).toBe(1000)
})

it.each([
  [8, undefined, 8],
  [8, 2.5, 2],
  [8, 0.2, 1],
  [2, 16, 2],
])('of %d cores with a quota of %s, %d are used', (mask, quota, used) =>
  expect(availableCores(mask, quota)).toBe(used),
)
