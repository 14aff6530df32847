// The list of all commands, in the order of `fnd --help`.

import type { CommandSpec } from './command.ts'
import { downSpec } from './down/spec.ts'
import { healthSpec, topSpec } from './health/spec.ts'
import { logsSpec } from './logs/spec.ts'
import { openSpec } from './open/spec.ts'
import { serveSpec } from './serve/spec.ts'
import { statusSpec } from './status/spec.ts'
import { upSpec } from './up/spec.ts'

export const COMMANDS: readonly CommandSpec[] = [
  upSpec,
  downSpec,
  statusSpec,
  logsSpec,
  openSpec,
  serveSpec,
  healthSpec,
  topSpec,
]
