// The list of all commands, in the order of `fnd --help`.

import type { CommandSpec } from './command.ts'

export const COMMANDS: readonly CommandSpec[] = []
