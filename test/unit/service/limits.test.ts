import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLimits } from '../../../src/service/limits.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fnd-cgroup-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
const read = () => readLimits(root, join(root, 'self'))

describe('the limits of the process', () => {
  it('are those of its group, in bytes, cores and seconds', async () => {
    put('self', '0::/pod/app\n')
    put('pod/app/memory.max', '536870912\n')
    put('pod/app/cpu.max', '150000 100000\n')
    put('pod/app/cpu.stat', 'usage_usec 9\nnr_throttled 2\nthrottled_usec 2500000\n')
    expect(await read()).toEqual({ memory: 536_870_912, cores: 1.5, throttled: 2.5 })
  })

  it('are those of a parent where that is tighter', async () => {
    put('self', '0::/pod/app\n')
    put('pod/app/memory.max', 'max\n')
    put('pod/memory.max', '1000\n')
    put('pod/app/cpu.max', 'max 100000\n')
    expect(await read()).toEqual({ memory: 1000 })
  })

  it('are none without a cgroup v2', async () => {
    put('self', '4:memory:/x\n')
    expect(await read()).toEqual({})
    expect(await readLimits(root, join(root, 'nothing'))).toEqual({})
  })
})
