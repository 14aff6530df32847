// Ends a process for certain: asks, waits, then kills it with all that it started.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Identity, isAlive, signalProcess } from '../identity.ts'

const POLL_MS = 25
/** A killed process is gone at once, unless the kernel holds it (a dead disk). */
const KILL_MS = 5000

/** Resolves to true when it no longer lives, after at most `grace` seconds of asking. */
export async function terminate(known: Identity, grace: number): Promise<boolean> {
  if (!signalProcess(known, 'SIGTERM')) return true
  if (await gone(known, grace * 1000)) return true
  signalProcess(known, 'SIGKILL', true)
  return gone(known, KILL_MS)
}

async function gone(known: Identity, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience
  while (isAlive(known)) {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}
