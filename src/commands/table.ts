// The list of all commands, in the order of `fnd --help`.

import type { CommandSpec } from './command.ts'
import { serveSpec } from './serve/spec.ts'

export const COMMANDS: readonly CommandSpec[] = [serveSpec]
