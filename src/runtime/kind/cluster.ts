// The kind cluster of a stack: made once, found again, known to be ours, removed; the user's kubeconfig is never touched.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Settings } from '../../config/schema.ts'
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

/** What one look at the engine shows of the cluster. */
export interface Sight {
  /** Whether it stands, and whose it is: `partial` is one of ours whose creation was interrupted. */
  standing: 'absent' | 'own' | 'partial' | 'foreign'
  /** Its node containers; empty when it does not exist. */
  nodes: readonly NodeContainer[]
  /** The host ports of the components, as the containers have them. */
  ports: Partial<Record<Component, number>>
}

/** True when the cluster is the stack's own, whole, and not stopped. */
export function runs({ standing, nodes }: Sight): boolean {
  return standing === 'own' && nodes.some(({ running }) => running)
}

/** Whether the stack is to have an S3 server: as asked for, else as the cluster was made, for its ports are fixed. */
export function wantsS3({ kubernetes }: Settings, { standing, ports }: Sight): boolean {
  return kubernetes.s3 ?? (standing === 'own' && ports.s3 !== undefined)
}

export interface KindCluster {
  readonly name: string
  /** Its own kubeconfig, readable by its owner alone. */
  readonly kubeconfig: string
  look(signal: AbortSignal): Promise<Sight>
  /** Makes it, or confirms or mends the one that stands. True when something was changed. */
  ensure(progress: Progress, signal: AbortSignal): Promise<boolean>
  /** Removes it. False when there was none. @throws FndError FND_CLUSTER_FOREIGN */
  remove(progress: Progress, signal: AbortSignal): Promise<boolean>
}

/** Finds kind, downloading it where it is not here. */
export type FindKind = (signal: AbortSignal, progress: Progress) => Promise<RunCommand>

export interface KindClusterSetup {
  stack: string
  /** The stack's state folder. */
  folder: string
  /** The host ports to make it with. */
  ports: () => Promise<Readonly<Partial<Record<Component, number>>>>
  nodeImage: string | undefined
  engine: Engine
  kind: FindKind
  now: () => number
}

const CREATE_MS = 10 * 60_000
const SHORT_MS = 60_000
const API_PATIENCE_MS = 90_000
/** Clocks of the engine and of this machine may differ a little. */
const CLOCK_SLACK_MS = 5_000
/** How long an engine may take to finish what a client asked for that is gone. */
const SETTLE_MS = 5_000
const SETTLE_POLL_MS = 250

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
  const exportKubeconfig = async (progress: Progress, signal: AbortSignal) => {
    const kind = await setup.kind(signal, progress)
    await kind(['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig], {
      signal,
      patience: SHORT_MS,
    })
  }

  const isLabelled = async ([first]: readonly NodeContainer[], signal: AbortSignal) => {
    try {
      const labels = first ? await engine.nodeLabels(first.name, STACK_LABEL, signal) : []
      return labels.length > 0 && labels.every((value) => value === stack)
    } catch (error) {
      if (isFndError(error, 'FND_COMMAND_FAILED')) return false
      throw error
    }
  }

  const standingOf = async (
    found: readonly NodeContainer[],
    signal: AbortSignal,
  ): Promise<Sight['standing']> => {
    if (!found.length) return 'absent'
    const record = readState(recordFile, clusterRecord)
    if (record?.cluster === name) {
      const { begun, nodes: known } = record
      if (known) return found.every(({ id }) => known.includes(id)) ? 'own' : 'foreign'
      return found.every(({ created }) => created >= begun - CLOCK_SLACK_MS) ? 'partial' : 'foreign'
    }
    // The state folder was lost; the node itself still says whose it is.
    if (!found.every(({ running }) => running)) return 'foreign'
    return (await isLabelled(found, signal)) ? 'own' : 'foreign'
  }

  const look: KindCluster['look'] = async (signal) => {
    const found = await nodes(signal)
    return { standing: await standingOf(found, signal), nodes: found, ports: portsOf(found) }
  }

  const wasCutShort = () => {
    const record = readState(recordFile, clusterRecord)
    return record?.cluster === name && !record.nodes
  }

  /** A look that waits for the node of a creation that was cut short: the engine may bring it after kind has gone. */
  const settledLook = async (progress: Progress, signal: AbortSignal): Promise<Sight> => {
    const until = now() + SETTLE_MS
    for (;;) {
      const sight = await look(signal)
      if (sight.standing !== 'absent' || !wasCutShort() || now() >= until) return sight
      progress.update('waiting for what the engine still brings')
      await sleep(SETTLE_POLL_MS, undefined, { signal })
    }
  }

  const create = async (progress: Progress, signal: AbortSignal) => {
    const begun = now()
    const ports = await setup.ports()
    const kind = await setup.kind(signal, progress)
    remember({ cluster: name, begun })
    await kind(['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--config', '-'], {
      signal,
      patience: CREATE_MS,
      input: renderKindConfig({ name, stack, ports, nodeImage: setup.nodeImage }),
      onLine: (line) => progress.update(stepOf(line)),
    })
    remember({ cluster: name, begun, nodes: (await nodes(signal)).map(({ id }) => id) })
  }

  const removeAll = async (progress: Progress, signal: AbortSignal) => {
    const kind = await setup.kind(signal, progress)
    await kind(['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], {
      signal,
      patience: SHORT_MS * 2,
    })
  }

  const confirm = async (
    found: readonly NodeContainer[],
    progress: Progress,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const stopped = found.filter(({ running }) => !running)
    for (const node of stopped) {
      progress.update(`starting ${node.name}`)
      await engine.start(node.name, signal)
    }
    remember({ cluster: name, begun: now(), nodes: found.map(({ id }) => id) })
    const readable = await readFile(kubeconfig, 'utf8').catch(() => '')
    // A restarted engine may have given the API server another port.
    if (stopped.length || !readable) await exportKubeconfig(progress, signal)
    await apiAnswers(kubeconfig, progress, signal)
    return stopped.length > 0
  }

  return {
    name,
    kubeconfig,
    look,
    ensure: async (progress, signal) => {
      const { standing, nodes: found } = await settledLook(progress, signal)
      if (standing === 'foreign') throw new FndError('FND_CLUSTER_FOREIGN', { cluster: name })
      if (standing === 'own') return confirm(found, progress, signal)
      if (standing === 'partial') {
        progress.update('removing what an interrupted run has left')
        await removeAll(progress, signal)
      }
      await create(progress, signal)
      return true
    },
    remove: async (progress, signal) => {
      const { standing } = await settledLook(progress, signal)
      if (standing === 'foreign') throw new FndError('FND_CLUSTER_FOREIGN', { cluster: name })
      if (standing === 'absent') return false
      await removeAll(progress, signal)
      return true
    },
  }
}

function portsOf(nodes: readonly NodeContainer[]): Sight['ports'] {
  return Object.fromEntries(
    COMPONENTS.flatMap((component) => {
      const port = nodes.map((node) => node.hostPort(NODE_PORTS[component])).find((one) => one !== undefined)
      return port === undefined ? [] : [[component, port]]
    }),
  )
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
