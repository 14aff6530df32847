// A lock between processes: a file that names its owner; an owner that no longer lives holds nothing.

import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Paths } from '../config/paths.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { type Identity, identify, identity, isAlive } from './identity.ts'
import type { Progress } from './runtime.ts'

export interface LockRequest {
  /** Longest wait for another owner. */
  seconds: number
  signal: AbortSignal
  progress: Progress
}

const POLL_MS = 100

/**
 * Takes the lock, waiting for an owner that lives. Dispose to release it.
 *
 * @throws FndError FND_BUSY when the owner keeps it too long, FND_FILE_UNWRITABLE; AbortError.
 */
export async function acquireLock(file: string, request: LockRequest): Promise<AsyncDisposable> {
  const me = identify(process.pid)
  const deadline = performance.now() + request.seconds * 1000
  // Written aside and linked: the lock appears with its owner's name in it, or not at all.
  const mine = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(mine, JSON.stringify(me), { mode: 0o600 })
    let told: number | undefined
    for (;;) {
      request.signal.throwIfAborted()
      if (await linked(mine, file)) break
      const owner = await ownerOf(file)
      if (owner === undefined || !isAlive(owner)) {
        await takeAway(file, owner)
        continue
      }
      if (performance.now() > deadline)
        throw new FndError('FND_BUSY', { pid: owner.pid, seconds: request.seconds })
      if (told !== owner.pid) request.progress.update(`another fnd works on this (process ${owner.pid})`)
      told = owner.pid
      await sleep(POLL_MS, undefined, { signal: request.signal })
    }
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause)
      throw new FndError('FND_FILE_UNWRITABLE', { path: file, why: messageOf(cause) }, { cause })
    throw cause
  } finally {
    await rm(mine, { force: true }).catch(() => {})
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const owner = await ownerOf(file)
      if (owner?.pid === me?.pid) await rm(file, { force: true })
    },
  }
}

/** The lock that `up` and `down` of a stack hold while they work; its folders are removed behind it when nothing else is in them. */
export async function lockStack(paths: Paths, name: string, request: LockRequest): Promise<AsyncDisposable> {
  const file = `${paths.stack(name)}.lock`
  // The topmost folder that was not there before; one that cannot be made is told by the lock itself.
  const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => undefined)
  const lock = await acquireLock(file, request)
  return {
    [Symbol.asyncDispose]: async () => {
      await lock[Symbol.asyncDispose]()
      const top = made ?? paths.state
      for (let at = dirname(file); at.startsWith(top); at = dirname(at)) await rmdir(at).catch(() => {})
    },
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead owner's lock aside; puts it back when, meanwhile, it has become another's. */
async function takeAway(file: string, dead: Identity | undefined): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  const owner = await ownerOf(aside)
  if (owner && JSON.stringify(owner) !== JSON.stringify(dead)) await linked(aside, file)
  await rm(aside, { force: true })
}

async function ownerOf(file: string): Promise<Identity | undefined> {
  try {
    return identity.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}
