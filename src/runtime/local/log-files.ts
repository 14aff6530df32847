// The logs of components: rotation by copy and truncation (the writers keep their file), reading, following.

import { copyFileSync, existsSync, renameSync, statSync, truncateSync } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const MOST_BYTES = 10 * 1024 * 1024
/** Rotated files kept beside the current one. */
const KEPT = 2
const POLL_MS = 250

/** Moves a log that has grown too large out of the way of its writer; what is written in between is lost. */
export function rotate(file: string, most = MOST_BYTES): void {
  try {
    if (statSync(file).size <= most) return
    for (let n = KEPT; n > 1; n -= 1)
      if (existsSync(`${file}.${n - 1}`)) renameSync(`${file}.${n - 1}`, `${file}.${n}`)
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
  } catch {
    // A full disk must not end the supervisor; the next look tries again.
  }
}

/** The last `tail` lines (all that is kept without one), oldest first. */
export async function readLog(file: string, tail?: number): Promise<string[]> {
  let lines: string[] = []
  for (let n = 0; n <= KEPT && (tail === undefined || lines.length < tail); n += 1) {
    const text = await readFile(n === 0 ? file : `${file}.${n}`, 'utf8').catch(() => '')
    lines = [...text.split('\n').filter((line) => line !== ''), ...lines]
  }
  return tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail))
}

/** Lines as they are written, from now on, until `signal` fires; survives rotation. */
export async function* followLog(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let at = await sizeOf(file)
  let rest = ''
  while (!signal.aborted) {
    const size = await sizeOf(file)
    if (size < at) at = 0
    if (size > at) {
      const handle = await open(file, 'r')
      try {
        const buffer = Buffer.alloc(size - at)
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
        at += bytesRead
        const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n')
        rest = lines.pop() ?? ''
        yield* lines.filter((line) => line !== '')
      } finally {
        await handle.close()
      }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {})
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0
}
