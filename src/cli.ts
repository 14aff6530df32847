// Turns the command table into a commander program and runs one command line; returns the exit code.

import { Command, CommanderError, Option } from 'commander'
import type { ArgumentSpec, CommandSpec, Context, OptionSpec } from './commands/command.ts'
import { COMMANDS, GLOBAL_OPTIONS } from './commands/table.ts'
import { EXIT, type ExitCode } from './errors/exit.ts'

/** What the program needs from the process that runs it. */
export interface Edge {
  env: NodeJS.ProcessEnv
  cwd: string
  stdin: Context['stdin']
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  signal: AbortSignal
  /** Resolves when the process has nothing left to do, though a command may still wait. */
  idle: Promise<void>
  /** Milliseconds since 1970. */
  now: () => number
  nodeVersion: string
  version: () => string
  /** Writes help and version: at once, as opening stdout's stream would cost a third of the start. */
  print: (text: string) => void
  /** Columns of the terminal that help goes to; undefined where it goes elsewhere. */
  width: () => number | undefined
}

/** Runs one command line (without `node` and the script) and returns its exit code; never throws, never exits. */
export async function runCli(argv: readonly string[], edge: Edge): Promise<ExitCode> {
  let exit: ExitCode = EXIT.good
  let stack: string | undefined
  const run: Run = async (spec, args, options) => {
    stack = textOf(options.name)
    exit = await runCommand(spec, args, options, edge)
  }
  const program = createProgram(edge, run, argv)
  try {
    await program.parseAsync(argv.length ? argv : ['--help'], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.good
    // A command that only groups others, alone: its help is what was wanted.
    if (error instanceof CommanderError && error.code === 'commander.help' && !argv.includes('--help'))
      return runCli([...argv, '--help'], edge)
    return report(error, argv, edge, stack)
  }
}

/** Prints what went wrong and returns the exit code that belongs to it. */
async function report(
  error: unknown,
  argv: readonly string[],
  edge: Edge,
  stack: string | undefined,
): Promise<ExitCode> {
  // Not part of the start: only a failure pays for these.
  const [{ createConsole }, { asciiOnly }, { FndError, reportOf, toFndError }] = await Promise.all([
    import('./output/console.ts'),
    import('./output/ascii.ts'),
    import('./errors/error.ts'),
  ])
  const failure =
    error instanceof CommanderError
      ? new FndError('FND_USAGE', { problem: sentence(error.message), ...commandOf(argv) })
      : toFndError(error)
  const flags = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const out = createConsole({
    ...streamsOf(edge),
    json: flags.includes('--json'),
    quiet: true,
    color: wantsColor(edge, flags.includes('--no-color')),
    ascii: asciiOnly(edge.env),
    stack,
  })
  out.error(reportOf(failure), flags.includes('--debug') && error instanceof Error ? error.stack : undefined)
  return failure.exit
}

type Run = (
  spec: CommandSpec,
  args: (string | readonly string[] | undefined)[],
  options: Record<string, unknown>,
) => Promise<void>

type Printing = Pick<Edge, 'print' | 'width'>

/**
 * The command tree; `run` is called for the command that was asked for. With `words` (a command line), only the
 * commands that it names get their options: the others are just listed, which saves a start most of the tree.
 */
export function createProgram(
  edge: Printing & Pick<Edge, 'version'>,
  run: Run,
  words?: readonly string[],
): Command {
  const program = new Command('fnd')
    .description('Stands up, feeds and probes an AI fake-news detector: ONNX backend, Prometheus, Grafana.')
    .usage('<command> [options]')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nStart with `fnd up`, then `fnd predict "the text of an article"`, `fnd health` and `fnd down`.\nDocumentation: docs/ in this package; settings: docs/configuration.md',
    )
  program.option('-V, --version', 'show the version')
  program.on('option:version', () => {
    edge.print(`${edge.version()}\n`)
    throw new CommanderError(0, 'fnd.version', '')
  })
  configure(program, edge)
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option))
  for (const spec of COMMANDS)
    program.addCommand(createCommand(spec, edge, run, words), { hidden: spec.hidden ?? false })
  program.addCommand(createHelpCommand(program, edge))
  return program
}

/** commander's own goes one word deep, and does not say which word it does not know. */
function createHelpCommand(program: Command, edge: Printing): Command {
  const command = new Command('help').summary('show help of a command').helpGroup('More:')
  configure(command, edge)
  return command.argument('[command...]', 'its words, as in `model push`').action((words: string[]) => {
    let asked = program
    for (const word of words) {
      const next = asked.commands.find((one) => one.name() === word || one.aliases().includes(word))
      // What groups commands says by itself what it does not know, and what may be meant.
      if (!next && asked.commands.length > 0 && !word.startsWith('-')) asked.parse([word], { from: 'user' })
      asked = next ?? asked.error(`unknown command '${word}'`)
    }
    asked.help()
  })
}

function createCommand(
  spec: CommandSpec,
  edge: Printing,
  run: Run,
  words: readonly string[] | undefined,
): Command {
  const { name, aliases = [] } = spec
  const command = new Command(name).summary(spec.summary).helpGroup(`${spec.group}:`)
  for (const alias of aliases) command.alias(alias)
  if (words && ![name, ...aliases].some((word) => words.includes(word))) return command
  command.description(spec.description)
  configure(command, edge)
  for (const argument of spec.arguments ?? []) addArgument(command, argument)
  for (const option of spec.options) command.addOption(toOption(option))
  command.addHelpText('after', [...exampleLines(spec.examples), ...exitLines(spec.exits ?? [])].join('\n'))
  if (spec.subcommands) command.helpCommand(false)
  for (const sub of spec.subcommands ?? []) command.addCommand(createCommand(sub, edge, run, words))
  if (spec.load)
    command.action(async () =>
      run(
        spec,
        command.processedArgs as (string | readonly string[] | undefined)[],
        command.optsWithGlobals(),
      ),
    )
  return command
}

/** The examples, each in one line where all of them fit 80 columns so. */
function exampleLines(examples: CommandSpec['examples']): string[] {
  if (examples.length === 0) return []
  const width = Math.max(...examples.map((example) => example.command.length))
  const fits = examples.every((example) => width + example.does.length + 4 <= 80)
  return [
    '\nExamples:',
    ...examples.map(({ command, does }) =>
      fits ? `  ${command.padEnd(width)}  ${does}` : `  ${command}\n      ${does}`,
    ),
  ]
}

function exitLines(own: NonNullable<CommandSpec['exits']>): string[] {
  return [
    '\nExit codes:',
    '  0 good, 1 failed, 2 used wrongly',
    ...own.map(({ code, when }) => `  ${code} ${when}`),
  ]
}

function configure(command: Command, { print, width }: Printing): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(width() || 80, 100),
      getErrHelpWidth: () => 80,
      // Help has no colours to strip; commander would open both streams to find out.
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .configureHelp({ showGlobalOptions: true })
    .helpOption('-h, --help', 'show help')
}

function addArgument(command: Command, spec: ArgumentSpec): void {
  const argument = command.createArgument(spec.name, spec.description)
  if (spec.choices) argument.choices([...spec.choices])
  command.addArgument(argument)
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description)
  if (spec.choices) option.choices(spec.choices)
  // As text: commander would print it in quotes.
  if (spec.default !== undefined) option.default(spec.default, String(spec.default))
  if (spec.repeatable)
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  return option
}

async function runCommand(
  spec: CommandSpec,
  args: (string | readonly string[] | undefined)[],
  options: Record<string, unknown>,
  edge: Edge,
): Promise<ExitCode> {
  const [{ createConsole }, { asciiOnly }, { resolvePaths }, handler] = await Promise.all([
    import('./output/console.ts'),
    import('./output/ascii.ts'),
    import('./config/paths.ts'),
    (spec.load as NonNullable<CommandSpec['load']>)(),
  ])
  const out = createConsole({
    ...streamsOf(edge),
    json: options.json === true,
    quiet: options.quiet === true,
    color: wantsColor(edge, options.color === false),
    ascii: asciiOnly(edge.env),
    stack: textOf(options.name),
  })
  let settings: ReturnType<Context['settings']> | undefined
  const named = [...spec.options, ...GLOBAL_OPTIONS].flatMap((one) =>
    one.setting ? [{ setting: one.setting, option: toOption(one) }] : [],
  )
  const flags = Object.fromEntries(
    named.map(({ setting, option }) => [setting, options[option.attributeName()]]),
  )
  const flagNames = Object.fromEntries(named.map(({ setting, option }) => [setting, option.long ?? setting]))
  const stranded = edge.idle.then(async (): Promise<never> => {
    const { FndError } = await import('./errors/error.ts')
    throw new FndError('FND_UNFINISHED', {})
  })
  const work = handler.run(args, options, {
    out,
    env: edge.env,
    cwd: edge.cwd,
    get stdin() {
      return edge.stdin
    },
    signal: edge.signal,
    now: edge.now,
    nodeVersion: edge.nodeVersion,
    paths: resolvePaths(edge.env, edge.cwd),
    settings: () => {
      settings ??= import('./config/load.ts').then(({ loadSettings }) =>
        loadSettings({ flags, flagNames, env: edge.env, cwd: edge.cwd, file: textOf(options.config) }),
      )
      return settings
    },
  })
  return Promise.race([work, stranded])
}

/** The value of an option that takes one. */
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

const streamsOf = ({ stdout, stderr, now }: Edge) => ({ stdout, stderr, now })

function wantsColor(edge: Edge, refused: boolean): boolean | undefined {
  if (refused || edge.env.NO_COLOR) return false
  return edge.env.FORCE_COLOR && edge.env.FORCE_COLOR !== '0' ? true : undefined
}

/** The command that the words lead to, as far as they are known: `model push`. */
function commandOf(argv: readonly string[]): { command?: string } {
  const path: string[] = []
  let specs: readonly CommandSpec[] | undefined = COMMANDS
  for (const word of argv.filter((part) => !part.startsWith('-'))) {
    const spec: CommandSpec | undefined = specs?.find(
      ({ name, aliases }) => name === word || aliases?.includes(word),
    )
    if (!spec) break
    path.push(word)
    specs = spec.subcommands
  }
  return path.length > 0 ? { command: path.join(' ') } : {}
}

function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
