// Chooses where a stack runs and opens it: setting → record of the stack → a Docker engine that answers → local.

import { FndError } from '../errors/error.ts'
import { readRecord, type StackRecord } from './record.ts'
import { runProgram } from './run-program.ts'
import type { Runtime, RuntimeName, StackSetup } from './runtime.ts'

const DOCKER_PATIENCE_MS = 3000

/**
 * The runtime of a stack that was brought up, for commands that use it. Its record locates it, whatever runtime the settings
 * would take for a new one, or the context that was named; without either, neither Docker nor Kubernetes is asked.
 *
 * @throws FndError FND_STACK_ABSENT, and as openRuntime does.
 */
export async function openStack(setup: StackSetup, signal: AbortSignal): Promise<Runtime> {
  const { settings, paths } = setup
  if (settings.context === undefined && !readRecord(paths, settings.name))
    throw new FndError('FND_STACK_ABSENT', { name: settings.name })
  return openWhereItStands(setup, signal)
}

/**
 * The runtime of a stack that may be up: where its record says, else where the settings would bring it up.
 *
 * @throws FndError as openRuntime does.
 */
export async function openWhereItStands(setup: StackSetup, signal: AbortSignal): Promise<Runtime> {
  const record = readRecord(setup.paths, setup.settings.name)
  return openRuntime(record ? atRecord(setup, record) : setup, signal)
}

/**
 * The runtime that a stack is to be removed from: where its record says, else where the settings say.
 *
 * @throws FndError FND_STACK_ELSEWHERE when another context was named than the one it stands in; as openRuntime does.
 */
export async function openForRemoval(setup: StackSetup, signal: AbortSignal): Promise<Runtime> {
  const record = readRecord(setup.paths, setup.settings.name)
  if (!record) return openRuntime(setup, signal)
  await refuseElsewhere(record.runtime, atRecord(setup, record))
  return openRuntime(atRecord(setup, record), signal)
}

/** Settings that lead to where the stack stands: those of a command line or a file only say where a new one goes. */
function atRecord(setup: StackSetup, { runtime }: StackRecord): StackSetup {
  return { ...setup, settings: { ...setup.settings, runtime } }
}

/**
 * The runtime of the stack `setup.settings.name`, brought up or not. Nothing is started or changed.
 *
 * @throws FndError of the chosen runtime when it cannot be used at all.
 */
export async function openRuntime(setup: StackSetup, signal: AbortSignal): Promise<Runtime> {
  const { name, why } = await chooseRuntime(setup, signal)
  switch (name) {
    case 'local': {
      const { createLocalRuntime } = await import('./local/local.ts')
      return createLocalRuntime({ ...setup, why })
    }
    case 'kind': {
      const { createKindRuntime } = await import('./kind/kind.ts')
      return createKindRuntime({ ...setup, why })
    }
    case 'cluster': {
      const { createClusterRuntime } = await import('./cluster/cluster.ts')
      return createClusterRuntime({ ...setup, why })
    }
  }
}

/**
 * A stack of one name stands in one place: what its record says must be what `up` was asked for, the context included.
 *
 * @throws FndError FND_STACK_ELSEWHERE.
 */
export async function refuseElsewhere(runtime: RuntimeName, { settings, paths }: StackSetup): Promise<void> {
  const record = readRecord(paths, settings.name)
  if (!record) return
  // A context counts only where a cluster may be meant by it.
  const context = settings.runtime === 'auto' || runtime === 'cluster' ? settings.context : undefined
  const sameContext = context === undefined || (record.runtime === 'cluster' && record.context === context)
  if (record.runtime === runtime && sameContext) return
  throw new FndError('FND_STACK_ELSEWHERE', {
    name: settings.name,
    where: place(record.runtime, record.context),
    asked: context === undefined ? runtime : place('cluster', context),
    // What the settings say is not always what the user has typed: the command must work in spite of them.
    down: [
      record.context !== undefined && settings.context !== undefined && `FND_CONTEXT=${record.context}`,
      'fnd down',
      settings.name !== 'fnd' && `--name ${settings.name}`,
    ]
      .filter(Boolean)
      .join(' '),
  })
}

const place = (runtime: RuntimeName, context: string | undefined) =>
  context === undefined ? runtime : `${runtime}, context ${context}`

async function chooseRuntime(
  { settings, paths, env }: StackSetup,
  signal: AbortSignal,
): Promise<{ name: RuntimeName; why: string }> {
  const { runtime } = settings
  const record = readRecord(paths, settings.name)
  if (record && (runtime === 'auto' || runtime === record.runtime))
    return { name: record.runtime, why: 'an earlier `fnd up` chose it' }
  if (runtime !== 'auto') return { name: runtime, why: 'it was asked for' }
  if (settings.context !== undefined)
    return { name: 'cluster', why: `the context ${settings.context} was named` }
  const engine = await dockerEngine(settings.programs.docker ?? 'docker', env, signal)
  return engine
    ? { name: 'kind', why: `a Docker engine answers (${engine})` }
    : { name: 'local', why: 'no Docker engine answers' }
}

/** The version of the Docker engine that the client reaches, through whatever context it uses; undefined when none answers. */
async function dockerEngine(
  docker: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const args = ['version', '--format', '{{.Server.Version}}']
    const version = await runProgram(docker, args, { env, signal, patience: DOCKER_PATIENCE_MS })
    return version.trim() || undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
