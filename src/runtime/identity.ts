// Which process exactly: a pid is reused, so its start time and the boot belong to it. Checked before anything is signalled.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const identity = z.object({
  pid: z.int().positive(),
  /** When the process started, in the platform's own notation. */
  started: z.string(),
  /** The boot that it belongs to, where the platform names it. */
  boot: z.string().optional(),
})

export type Identity = z.infer<typeof identity>

/** The identity of a process that lives now; undefined when there is none, or just its zombie. */
export function identify(pid: number): Identity | undefined {
  return process.platform === 'linux' ? identifyLinux(pid) : identifyByPs(pid)
}

/** True while this very process lives. */
export function isAlive(known: Identity): boolean {
  const now = identify(known.pid)
  return now !== undefined && now.started === known.started && now.boot === known.boot
}

/**
 * Signals this very process, or with `group` all of the process group that it leads.
 *
 * @returns false when it no longer lives; nothing is signalled then.
 */
export function signalProcess(known: Identity, signal: NodeJS.Signals, group = false): boolean {
  if (!isAlive(known)) return false
  try {
    return process.kill(group ? -known.pid : known.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

// proc(5): field 2 is the name in parentheses (and may hold anything), 3 the state, 22 the start in clock ticks since boot.
function identifyLinux(pid: number): Identity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, started] = [fields[0], fields[19]]
    if (!started || state === 'Z' || state === 'X') return undefined
    return { pid, started, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    return undefined
  }
}

function identifyByPs(pid: number): Identity | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    }).trim()
    const [state = '', ...started] = line.split(/\s+/)
    return started.length === 0 || state.startsWith('Z') ? undefined : { pid, started: started.join(' ') }
  } catch {
    return undefined
  }
}
