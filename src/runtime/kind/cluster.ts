// The kind cluster of a stack: made once, found again, known to be ours, removed; the user's kubeconfig is never touched.

import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { FndError, isFndError } from '../../errors/error.ts'
import { connect } from '../../kube/client.ts'
import { renderKindConfig } from '../../manifests/kind-config.ts'
import { STACK_LABEL } from '../../manifests/labels.ts'
import { NODE_PORTS } from '../../manifests/values.ts'
import type { RunCommand } from '../run-program.ts'
import { COMPONENTS, type Component, type Progress } from '../runtime.ts'
import { readState, writeState } from '../state-file.ts'
import type { Engine, NodeContainer } from './engine.ts'

/** What fnd remembers of a cluster, so that it never takes another's for its own. */
const clusterRecord = z.object({
  cluster: z.string(),
  /** Milliseconds since 1970: when its creation was begun. */
  begun: z.number(),
  /** The node containers, once creation has finished; absent: it was interrupted. */
  nodes: z.array(z.string()).optional(),
})
type ClusterRecord = z.infer<typeof clusterRecord>

export interface KindCluster {
  readonly name: string
  /** Its own kubeconfig, readable by its owner alone. */
  readonly kubeconfig: string
  /** Its node containers; empty when it does not exist. */
  nodes(signal: AbortSignal): Promise<NodeContainer[]>
  /**
   * Whether it stands, and whose it is: `partial` is one of ours whose creation was interrupted.
   */
  standing(signal: AbortSignal): Promise<'absent' | 'own' | 'partial' | 'foreign'>
  /** Makes it, or confirms or mends the one that stands. True when something was changed. */
  ensure(progress: Progress, signal: AbortSignal): Promise<boolean>
  /** The host ports of the components, as the containers have them. */
  ports(signal: AbortSignal): Promise<Partial<Record<Component, number>>>
  /** Removes it. False when there was none. @throws FndError FND_CLUSTER_FOREIGN */
  remove(signal: AbortSignal): Promise<boolean>
}

export interface KindClusterSetup {
  stack: string
  /** The stack's state folder. */
  folder: string
  ports: () => Promise<Readonly<Record<Component, number>>>
  nodeImage: string | undefined
  engine: Engine
  kind: (signal: AbortSignal) => Promise<RunCommand>
  now: () => number
}

const CREATE_MS = 10 * 60_000
const SHORT_MS = 60_000
const API_PATIENCE_MS = 90_000
/** Clocks of the engine and of this machine may differ a little. */
const CLOCK_SLACK_MS = 5_000

/** A stack's cluster is called after it: `fnd` for the default stack, `fnd-<stack>` for any other. */
function clusterName(stack: string): string {
  return stack === 'fnd' ? 'fnd' : `fnd-${stack}`
}

/** The cluster of a stack. Nothing is asked or changed yet. */
export function kindCluster(setup: KindClusterSetup): KindCluster {
  const { stack, folder, engine, now } = setup
  const name = clusterName(stack)
  const kubeconfig = `${folder}/kubeconfig`
  const recordFile = `${folder}/kind.json`

  const nodes = (signal: AbortSignal) => engine.nodes(name, signal)
  const remember = (record: ClusterRecord) => writeState(recordFile, record)
  const exportKubeconfig = async (signal: AbortSignal) => {
    const kind = await setup.kind(signal)
    await kind(['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig], {
      signal,
      patience: SHORT_MS,
    })
  }

  const standing: KindCluster['standing'] = async (signal) => {
    const found = await nodes(signal)
    if (!found.length) return 'absent'
    const record = readState(recordFile, clusterRecord)
    if (record?.cluster === name) {
      const { begun, nodes: known } = record
      if (known) return found.every(({ id }) => known.includes(id)) ? 'own' : 'foreign'
      return found.every(({ created }) => created >= begun - CLOCK_SLACK_MS) ? 'partial' : 'foreign'
    }
    // The state folder was lost; the node itself still says whose it is.
    if (!found.every(({ running }) => running)) return 'foreign'
    return (await isLabelled(setup, name, signal)) ? 'own' : 'foreign'
  }

  const create = async (progress: Progress, signal: AbortSignal) => {
    const begun = now()
    const ports = await setup.ports()
    remember({ cluster: name, begun })
    const kind = await setup.kind(signal)
    await kind(['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--config', '-'], {
      signal,
      patience: CREATE_MS,
      input: renderKindConfig({ name, stack, ports, nodeImage: setup.nodeImage }),
      onLine: (line) => progress.update(stepOf(line)),
    })
    remember({ cluster: name, begun, nodes: (await nodes(signal)).map(({ id }) => id) })
  }

  const removeAll = async (signal: AbortSignal) => {
    const kind = await setup.kind(signal)
    await kind(['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], {
      signal,
      patience: SHORT_MS * 2,
    })
  }

  const confirm = async (progress: Progress, signal: AbortSignal): Promise<boolean> => {
    const found = await nodes(signal)
    const stopped = found.filter(({ running }) => !running)
    for (const node of stopped) {
      progress.update(`starting ${node.name}`)
      await engine.start(node.name, signal)
    }
    remember({ cluster: name, begun: now(), nodes: found.map(({ id }) => id) })
    const readable = await readFile(kubeconfig, 'utf8').catch(() => '')
    // A restarted engine may have given the API server another port.
    if (stopped.length || !readable) await exportKubeconfig(signal)
    await apiAnswers(kubeconfig, progress, signal)
    return stopped.length > 0
  }

  return {
    name,
    kubeconfig,
    nodes,
    standing,
    ensure: async (progress, signal) => {
      const state = await standing(signal)
      if (state === 'foreign') throw new FndError('FND_CLUSTER_FOREIGN', { cluster: name })
      if (state === 'own') return confirm(progress, signal)
      if (state === 'partial') {
        progress.update('removing what an interrupted run has left')
        await removeAll(signal)
      }
      await create(progress, signal)
      return true
    },
    ports: async (signal) => {
      const found = await nodes(signal)
      return Object.fromEntries(
        COMPONENTS.flatMap((component) => {
          const port = found
            .map((node) => node.hostPort(NODE_PORTS[component]))
            .find((one) => one !== undefined)
          return port === undefined ? [] : [[component, port]]
        }),
      )
    },
    remove: async (signal) => {
      const state = await standing(signal)
      if (state === 'foreign') throw new FndError('FND_CLUSTER_FOREIGN', { cluster: name })
      if (state === 'absent') return false
      await removeAll(signal)
      return true
    },
  }
}

/** Whether the cluster's nodes carry the stack's label, asked with a kubeconfig that is kept in the state folder only. */
async function isLabelled(
  { kind: findKind, folder, stack }: KindClusterSetup,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const probe = `${folder}/kubeconfig.probe`
  try {
    const kind = await findKind(signal)
    await kind(['export', 'kubeconfig', '--name', name, '--kubeconfig', probe], {
      signal,
      patience: SHORT_MS,
    })
    const client = await connect({ kubeconfig: probe }, signal)
    const nodes = await client.list({ apiVersion: 'v1', kind: 'Node' }, {})
    return nodes.length > 0 && nodes.every(({ metadata }) => metadata.labels?.[STACK_LABEL] === stack)
  } catch (error) {
    if (isFndError(error)) return false
    throw error
  } finally {
    await rm(probe, { force: true })
  }
}

async function apiAnswers(kubeconfig: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + API_PATIENCE_MS
  for (;;) {
    try {
      await (await connect({ kubeconfig }, signal)).version()
      return
    } catch (error) {
      if (!isFndError(error, 'FND_CLUSTER_UNREACHABLE') || performance.now() > deadline) throw error
      progress.update('waiting for the API server')
    }
    await sleep(500, undefined, { signal })
  }
}

/** What a line of kind's progress says, without its ornaments. */
function stepOf(line: string): string {
  return line.replace(/[^\p{L}\p{N}\p{P} ]/gu, '').trim()
}
