// A cluster whose creation was cut short: its node may come after kind has gone, and is met all the same.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { kindCluster } from '../../../src/runtime/kind/cluster.ts'
import type { Engine, NodeContainer } from '../../../src/runtime/kind/engine.ts'

const never = new AbortController().signal
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-kind-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An engine that brings the node of the first `create`, which is interrupted, two looks later; and a kind that uses it. */
function slowEngine() {
  let looksUntilThere = Number.POSITIVE_INFINITY
  const ran: string[] = []
  const node: NodeContainer = {
    id: 'late',
    name: 'fnd-control-plane',
    created: Date.now(),
    running: true,
    hostPort: () => undefined,
  }
  const nodes = async () => (--looksUntilThere < 0 ? [node] : [])
  const kind = async () => async (args: readonly string[]) => {
    const verb = args[0] ?? ''
    if (verb === 'delete') looksUntilThere = Number.POSITIVE_INFINITY
    else if (!ran.includes('create')) looksUntilThere = 2
    else if (looksUntilThere < Number.POSITIVE_INFINITY) throw new Error('node(s) already exist')
    else looksUntilThere = 0
    ran.push(verb)
    if (ran.length === 1) throw new Error('interrupted')
    return ''
  }
  return { engine: { nodes } as Partial<Engine> as Engine, kind, nodes, ran }
}

/** The cluster of a run that was interrupted while it was made; what its next run tells of its progress. */
async function interrupted() {
  const { engine, kind, ...seen } = slowEngine()
  const told: string[] = []
  const progress = { update: (detail: string) => told.push(detail) }
  const setup = { stack: 'fnd', folder, ports: async () => ({}), nodeImage: undefined, now: Date.now }
  const cluster = kindCluster({ ...setup, engine, kind })
  await expect(cluster.ensure(progress, never)).rejects.toThrow('interrupted')
  expect(told).toEqual([])
  return { ...seen, cluster, progress, told }
}

it('is removed with the node that the engine brings late', async () => {
  const { cluster, progress, nodes, told } = await interrupted()
  expect(await cluster.remove(progress, never)).toBe(true)
  expect(await nodes()).toEqual([])
  expect(told).toContain('waiting for what the engine still brings')
})

it('is made anew once the node that the engine brings late is removed', async () => {
  const { cluster, progress, ran, told } = await interrupted()
  expect(await cluster.ensure(progress, never)).toBe(true)
  expect(ran).toEqual(['create', 'delete', 'create'])
  expect(told).toEqual([
    'waiting for what the engine still brings',
    'waiting for what the engine still brings',
    'removing what an interrupted run has left',
  ])
})
