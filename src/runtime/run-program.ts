// Runs one external program to its end: argument vector, no shell, a deadline, the last words of a failure kept.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface RunOptions {
  env: NodeJS.ProcessEnv
  cwd?: string
  signal: AbortSignal
  /** Longest time that it may take, in milliseconds. */
  patience: number
  /** Called with each line that it prints, for progress. */
  onLine?: (line: string) => void
}

const LAST_LINES = 5

/**
 * Resolves to what it printed on stdout.
 *
 * @throws Error with the exit code and the last lines that it printed; AbortError when `signal` fires.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { env, cwd, signal, patience, onLine }: RunOptions,
): Promise<string> {
  signal.throwIfAborted()
  const deadline = AbortSignal.timeout(patience)
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => child.kill('SIGKILL')
  const either = AbortSignal.any([signal, deadline])
  either.addEventListener('abort', stop, { once: true })
  const output: string[] = []
  const last: string[] = []
  const read = async (stream: NodeJS.ReadableStream, keep?: string[]) => {
    for await (const line of createInterface({ input: stream })) {
      keep?.push(line)
      if (last.push(line) > LAST_LINES) last.shift()
      onLine?.(line)
    }
  }
  try {
    const [code] = await Promise.all([
      new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (exit, killedBy) => resolve(exit ?? killedBy))
      }),
      read(child.stdout, output),
      read(child.stderr),
    ])
    signal.throwIfAborted()
    if (deadline.aborted) throw new Error(`${command} did not finish within ${patience / 1000} s`)
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${last.join(' | ')}`)
    return output.join('\n')
  } finally {
    either.removeEventListener('abort', stop)
  }
}
