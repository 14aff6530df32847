// A cluster whose creation was cut short: its node may come after kind has gone, and goes all the same.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { kindCluster } from '../../../src/runtime/kind/cluster.ts'
import type { Engine, NodeContainer } from '../../../src/runtime/kind/engine.ts'

const SILENT = { update: () => {} }
const never = new AbortController().signal

/** An engine that brings the node a moment after the client that asked for it was stopped. */
function slowEngine() {
  let asked = false
  let looks = 0
  let removed = false
  const node: NodeContainer = {
    id: 'late',
    name: 'fnd-control-plane',
    created: Date.now(),
    running: true,
    hostPort: () => undefined,
  }
  const nodes = async () => (asked && ++looks > 2 && !removed ? [node] : [])
  return {
    nodes,
    engine: { nodes } as Partial<Engine> as Engine,
    kind: async () => async (args: readonly string[]) => {
      if (args[0] === 'create') {
        asked = true
        throw new Error('interrupted')
      }
      removed = true
      return ''
    },
  }
}

it('is removed with the node that the engine brings late', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-kind-'))
  try {
    const { engine, kind, nodes } = slowEngine()
    const setup = { stack: 'fnd', folder, ports: async () => ({}), nodeImage: undefined, now: Date.now }
    const cluster = kindCluster({ ...setup, engine, kind })
    await expect(cluster.ensure(SILENT, never)).rejects.toThrow('interrupted')
    expect(await cluster.remove(SILENT, never)).toBe(true)
    expect(await nodes()).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
