// Runs one external program to its end: argument vector, no shell, a deadline; one that is cancelled takes along all that it started.

import { FndError, messageOf } from '../errors/error.ts'

export interface RunOptions {
  env: NodeJS.ProcessEnv
  cwd?: string
  /** What it reads on stdin; nothing without it. */
  input?: string
  signal: AbortSignal
  /** Longest time that it may take, in milliseconds. */
  patience: number
  /** Called with each line that it prints, for progress. */
  onLine?: (line: string) => void
}

/** Runs one certain program. */
export type RunCommand = (args: readonly string[], options: Omit<RunOptions, 'env'>) => Promise<string>

const LAST_LINES = 4
const LONGEST_LINE = 400
const MOST_CHARACTERS = 16 * 1024 * 1024
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 5000

/**
 * Resolves to what it printed on stdout.
 *
 * @throws FndError FND_COMMAND_FAILED with the last lines that it printed, FND_TIMEOUT; AbortError when `signal` fires.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, input, signal, patience, onLine }: RunOptions,
): Promise<string> {
  signal.throwIfAborted()
  const { execa } = await import('execa')
  const deadline = AbortSignal.timeout(patience)
  const over = AbortSignal.any([signal, deadline])
  const child = execa(program, args, {
    env,
    extendEnv: false,
    reject: false,
    all: true,
    buffer: { stdout: true, stderr: false, all: false },
    maxBuffer: MOST_CHARACTERS,
    // It leads a process group of its own, so that what it has started can be ended with it.
    detached: true,
    ...(cwd !== undefined && { cwd }),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  })
  const kill = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // Nobody of the group is left.
    }
  }
  const killNow = () => kill('SIGKILL')
  let force: NodeJS.Timeout | undefined
  const stop = () => {
    kill('SIGTERM')
    force = setTimeout(killNow, GRACE_MS)
  }
  over.addEventListener('abort', stop, { once: true })
  // A second Ctrl-C ends this process at once.
  process.once('exit', killNow)
  const last: string[] = []
  let cut = false
  try {
    if (over.aborted) stop()
    for await (const line of child.iterable({ from: 'all' })) {
      if (last.push(line.slice(0, LONGEST_LINE)) > LAST_LINES) last.shift()
      onLine?.(line)
    }
    const result = await child
    cut = result.isMaxBuffer
    signal.throwIfAborted()
    const command = `${program.split('/').at(-1)} ${args.slice(0, 2).join(' ')}`
    if (deadline.aborted)
      throw new FndError('FND_TIMEOUT', {
        what: `\`${command}\``,
        seconds: patience / 1000,
        last: last.join(' | '),
      })
    if (result.failed) {
      const why = cut
        ? `it printed more than ${MOST_CHARACTERS} characters`
        : last.join(' | ').trim() || ending(result)
      throw new FndError('FND_COMMAND_FAILED', { command, why }, { cause: result.cause })
    }
    return result.stdout
  } finally {
    over.removeEventListener('abort', stop)
    process.off('exit', killNow)
    clearTimeout(force)
    if (over.aborted || cut) killNow()
  }
}

function ending({
  signal,
  exitCode,
  cause,
}: {
  signal?: string
  exitCode?: number
  cause?: unknown
}): string {
  if (signal) return `killed by ${signal}`
  return exitCode === undefined ? messageOf(cause) : `exit code ${exitCode}`
}

/** A runner of one program; it throws as runProgram does. */
export function commandRunner(program: string, env: NodeJS.ProcessEnv): RunCommand {
  return (args, options) => runProgram(program, args, { env, ...options })
}
