// Runs docker and kind: argument vector, no shell, an end with the signal, the last words of a failure kept.

import { FndError, messageOf } from '../../errors/error.ts'

export interface CommandOptions {
  signal: AbortSignal
  input?: string
  /** Longest time that it may take, in milliseconds. */
  patience: number
  /** Called with each line that it prints, for progress. */
  onLine?: (line: string) => void
}

/** Runs one program; resolves to what it printed on stdout. */
export type RunCommand = (args: readonly string[], options: CommandOptions) => Promise<string>

const LAST_LINES = 8

/**
 * A runner of one program.
 *
 * It throws FndError FND_COMMAND_FAILED with the last lines that the program printed, FND_TIMEOUT; AbortError.
 */
export function commandRunner(program: string, env: NodeJS.ProcessEnv): RunCommand {
  return async (args, { signal, input, patience, onLine }) => {
    signal.throwIfAborted()
    const { execa } = await import('execa')
    const command = `${program.split('/').at(-1)} ${args.slice(0, 2).join(' ')}`
    const child = execa(program, args, {
      env,
      extendEnv: false,
      cancelSignal: signal,
      timeout: patience,
      reject: false,
      all: true,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    })
    if (onLine) {
      for await (const line of child.iterable({ from: 'all' })) onLine(line)
    }
    const result = await child
    signal.throwIfAborted()
    if (result.timedOut)
      throw new FndError('FND_TIMEOUT', {
        what: `\`${command}\``,
        seconds: patience / 1000,
        last: result.all ?? '',
      })
    if (result.failed) {
      const last = (result.all ?? '').trim().split('\n').slice(-LAST_LINES).join(' | ')
      const why = last || messageOf(result.cause ?? result.shortMessage)
      throw new FndError('FND_COMMAND_FAILED', { command, why }, { cause: result })
    }
    return result.stdout
  }
}
