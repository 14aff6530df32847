// Ends a process for certain: asks, waits, then kills it with all that it started.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Identity, isAlive, signalProcess } from '../identity.ts'

const POLL_MS = 25
/** A killed process is gone at once, unless the kernel holds it (a dead disk). */
const KILL_MS = 5000

/** Resolves to true when it no longer lives, after at most `grace` seconds of asking; `signal` ends the wait with an AbortError. */
export async function terminate(known: Identity, grace: number, signal?: AbortSignal): Promise<boolean> {
  if (!signalProcess(known, 'SIGTERM')) return true
  if (await gone(known, grace * 1000, signal)) return true
  signalProcess(known, 'SIGKILL', true)
  return gone(known, KILL_MS, signal)
}

async function gone(known: Identity, patience: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + patience
  while (isAlive(known)) {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS, undefined, { ...(signal && { signal }) })
  }
  return true
}
