import { expect, test } from 'vitest'
import { availableCores } from '../../../src/detector/cores.ts'

const machine = (parallelism: number, files: Record<string, string>) => ({
  parallelism,
  read: (path: string) => files[path],
})

test('no quota: what the affinity mask allows', () => {
  expect(availableCores(machine(8, {}))).toBe(8)
  expect(
    availableCores(machine(8, { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })),
  ).toBe(8)
})

test('cgroup v2: the tightest quota on the way up counts, in whole cores, at least one', () => {
  const files = {
    '/proc/self/cgroup': '0::/pod/app\n',
    '/sys/fs/cgroup/pod/app/cpu.max': 'max 100000',
    '/sys/fs/cgroup/pod/cpu.max': '250000 100000',
  }
  expect(availableCores(machine(8, files))).toBe(2)
  expect(availableCores(machine(8, { ...files, '/sys/fs/cgroup/pod/app/cpu.max': '20000 100000' }))).toBe(1)
})

test('cgroup v1: quota and period; -1 is none', () => {
  const files = {
    '/proc/self/cgroup': '3:memory:/\n2:cpu,cpuacct:/docker/abc\n',
    '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '300000\n',
    '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  }
  expect(availableCores(machine(8, files))).toBe(3)
})
