// What a command is: data for its help and flags, and a lazily imported handler.

import type { Readable } from 'node:stream'
import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import type { ExitCode } from '../errors/exit.ts'
import type { Output } from '../output/output.ts'

export interface OptionSpec {
  /** In commander's notation: `--rps <number>`, `-f, --follow`, `--no-color`. */
  flags: string
  description: string
  choices?: readonly string[]
  default?: string | boolean
  /** The setting that this flag overrides (a dotted path of config/schema.ts); it is then read from `ctx.settings()`, not from the options. */
  setting?: string
  /** May be given several times. */
  repeatable?: boolean
}

export interface ArgumentSpec {
  /** In commander's notation: `[text...]`, `<shell>`. */
  name: string
  description: string
  choices?: readonly string[]
}

export interface Example {
  command: string
  does: string
}

export type CommandGroup = 'Run the stack' | 'Use it' | 'Probe it' | 'Kubernetes' | 'Models' | 'More'

/** Options as commander gives them: camel-cased flag names to strings, booleans or lists. The handler parses them into precise types. */
export type RawOptions = Readonly<Record<string, unknown>>

export type Handler = (
  args: readonly (string | readonly string[] | undefined)[],
  options: RawOptions,
  ctx: Context,
) => Promise<ExitCode>

export interface CommandSpec {
  name: string
  aliases?: readonly string[]
  group: CommandGroup
  /** One line for the list of commands. */
  summary: string
  /** A paragraph for the command's own help. */
  description: string
  arguments?: readonly ArgumentSpec[]
  options: readonly OptionSpec[]
  examples: readonly Example[]
  /** Exit codes besides 0, 1 and 2 that mean something here. */
  exits?: readonly { code: ExitCode; when: string }[]
  hidden?: boolean
  /** Imports the handler when the command runs, never for help. Absent for a command that only groups others. */
  load?: () => Promise<{ run: Handler }>
  /** `fnd model push` and the like. */
  subcommands?: readonly CommandSpec[]
}

/** What a handler may touch of the world. Everything else it imports is passed what it needs from here. */
export interface Context {
  readonly out: Output
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown }
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The Node.js that runs this, e.g. `20.19.0`. */
  readonly nodeVersion: string
  readonly paths: Paths
  /** Resolves flags, environment, fnd.yaml and defaults; the first call reads the file. */
  settings(): Promise<Settings>
}
