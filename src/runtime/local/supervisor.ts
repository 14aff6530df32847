// The supervisor of one local stack: keeps what desired.json names, and writes what it sees to observed.json.

import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Identity, isAlive } from '../identity.ts'
import { readState, writeState } from '../state-file.ts'
import { type Keeper, keep } from './keeper.ts'
import type { Layout } from './layout.ts'
import { desiredState, type ObservedState, observedState } from './state.ts'
import { terminate } from './terminate.ts'

export interface SupervisorSetup {
  layout: Layout
  self: Identity
  env: NodeJS.ProcessEnv
  /** Fires when desired.json is to be read again. */
  reload: EventTarget
  stop: AbortSignal
}

const FOLDER_CHECK_MS = 1000

/** Runs until `stop` fires, or until somebody removes the stack's folder; then nothing that it started lives on. */
export async function supervise({ layout, self, env, reload, stop }: SupervisorSetup): Promise<void> {
  const before = readState(layout.observed, observedState)
  /** What the supervisor before this one kept; taken over once. */
  let inherited = before?.components ?? []
  const keepers = new Map<string, Keeper>()
  let recorded = true
  const record = () => {
    if (!existsSync(layout.desired)) return
    const state: ObservedState = {
      supervisor: self,
      ...(stop.aborted && { stopping: true }),
      components: [...keepers.values()].map((keeper) => keeper.observed),
    }
    try {
      writeState(layout.observed, state)
      recorded = true
    } catch {
      // A full disk: the components go on, and the record is written when there is room again.
      recorded = false
    }
  }
  let chain = Promise.resolve()
  const settle = async () => {
    const desired = readState(layout.desired, desiredState)
    if (!desired || stop.aborted) return
    const unchanged = (keeper: Keeper) =>
      desired.components.some(
        ({ hash, component }) => component === keeper.spec.component && hash === keeper.spec.hash,
      )
    await Promise.all(
      [...keepers.values()].map(async (keeper) => {
        if (unchanged(keeper)) return keeper.wake()
        await keeper.stop()
        keepers.delete(keeper.spec.component)
      }),
    )
    for (const spec of desired.components) {
      if (keepers.has(spec.component)) continue
      const known = inherited.find(({ component }) => component === spec.component)
      keepers.set(spec.component, keep(spec, known, { layout, env, changed: record }))
    }
    inherited = []
    record()
  }
  const onReload = () => {
    chain = chain.then(settle)
  }
  reload.addEventListener('reload', onReload)
  stop.addEventListener('abort', record)
  try {
    // What an earlier supervisor left, and is not wanted any more.
    const wanted = readState(layout.desired, desiredState)?.components.map(({ component }) => component)
    for (const { component, process } of before?.components ?? [])
      if (process && isAlive(process) && !wanted?.includes(component)) await terminate(process, 10)
    onReload()
    while (!stop.aborted && existsSync(layout.desired)) {
      if (!recorded) record()
      await sleep(FOLDER_CHECK_MS, undefined, { signal: stop }).catch(() => {})
    }
    await chain
  } finally {
    reload.removeEventListener('reload', onReload)
    stop.removeEventListener('abort', record)
    await Promise.all([...keepers.values()].map((keeper) => keeper.stop()))
  }
}
