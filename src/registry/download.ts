// One file of a model from the store to the disk: parts in parallel, taken up again after any interruption, hashed on the way.

import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { FndError, messageOf } from '../errors/error.ts'
import { GrowingHash } from './growing-hash.ts'
import type { ObjectStore } from './store.ts'
import { under } from './under.ts'

export interface DownloadRequest {
  key: string
  size: number
  /** Where the bytes go; `<to>.parts` says which parts are there. */
  to: string
  signal: AbortSignal
  onProgress(bytes: number): void
}

const PART = 8 << 20
const PARTS_AT_A_TIME = 8
/** Bytes that are written at once: the network's pieces are too small to write each. */
const WRITE = 1 << 20
const TRIES = 4
const FIRST_PAUSE_MS = 200
/** Bytes that an attempt must bring for the next one to count as the first again. */
const PROGRESS = 64 << 10

/**
 * Leaves the whole file at `to` and returns its SHA-256 in hex, which the caller compares. Parts that an earlier run
 * brought are not fetched again.
 *
 * @throws FndError FND_REGISTRY_CUT_OFF when a part keeps breaking off, or another FND_REGISTRY_…; system errors of the disk; AbortError.
 */
export async function downloadFile(store: ObjectStore, request: DownloadRequest): Promise<string> {
  const { size, to } = request
  const stop = new AbortController()
  const signal = AbortSignal.any([request.signal, stop.signal])
  await using file = await openKept(to)
  // What an earlier run left may be longer than it should; ahead of the bytes it costs no room.
  await file.truncate(size)
  await using marks = await openKept(`${to}.parts`)
  const count = Math.ceil(size / PART)
  const present = await readMarks(marks, count)
  await using hash = count > 1 ? new GrowingHash(to, size) : undefined
  let next = 0
  let whole = 0

  const work = async (): Promise<void> => {
    while (next < count) {
      const part = next++
      const from = part * PART
      const length = Math.min(PART, size - from)
      if (present[part]) request.onProgress(length)
      else {
        await under(signal, (own) => fetchPart(store, file, { ...request, signal: own }, from, length))
        // The mark follows the bytes: a killed run leaves a part without one, never a mark without its part.
        await marks.write(MARK, 0, 1, part)
        present[part] = 1
      }
      while (present[whole]) whole += 1
      hash?.reach(Math.min(whole * PART, size))
    }
  }
  const workers = Array.from({ length: Math.min(PARTS_AT_A_TIME, count) }, work)
  try {
    await Promise.all(hash ? [...workers, hash.sha256] : workers)
    return hash ? await hash.sha256 : await sha256OfPart(file, size)
  } catch (error) {
    stop.abort()
    await Promise.allSettled(workers)
    request.signal.throwIfAborted()
    throw error
  }
}

const MARK = new Uint8Array([1])

/** Of a file that is one part at most: done before a thread would have started. */
async function sha256OfPart(file: FileHandle, size: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')
}

/** Fetches one part; what breaks off is taken up from there, a few times. */
async function fetchPart(
  store: ObjectStore,
  file: FileHandle,
  { key, size, signal, onProgress }: DownloadRequest,
  from: number,
  length: number,
): Promise<void> {
  let done = 0
  for (let attempt = 1; done < length; attempt += 1) {
    let why = 'the connection ended early'
    const before = done
    const body = await store.range(key, from + done, from + length - 1, signal)
    let held: Uint8Array[] = []
    let heldBytes = 0
    const write = async (): Promise<void> => {
      if (heldBytes === 0) return
      await file.writev(held, from + done)
      done += heldBytes
      onProgress(heldBytes)
      held = []
      heldBytes = 0
    }
    try {
      for await (const chunk of body) {
        if (done + heldBytes + chunk.length > length) throw new TooLong()
        held.push(chunk)
        heldBytes += chunk.length
        if (heldBytes >= WRITE) await write()
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isOfTheDisk(error)) throw error
      why = error instanceof TooLong ? 'more came than was asked for' : messageOf(error)
    }
    await write()
    if (done === length) return
    if (done - before >= PROGRESS) attempt = 0
    if (attempt >= TRIES)
      throw new FndError('FND_REGISTRY_CUT_OFF', { file: key, done: from + done, total: size, why })
    await sleep(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal })
  }
}

class TooLong extends Error {}

const isOfTheDisk = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && String(error.syscall).includes('write')

async function readMarks(marks: FileHandle, count: number): Promise<Uint8Array> {
  const present = new Uint8Array(count)
  await marks.read(present, 0, count, 0)
  return present
}

/** Opens a file for reading and writing, with what is in it. */
async function openKept(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return open(path, 'w+', 0o600)
  }
}
