// The list of all commands, in the order of `fnd --help`, and the options that each of them takes.

import { checkSpec } from './check/spec.ts'
import type { CommandSpec, OptionSpec } from './command.ts'
import { completionSpec } from './completion/spec.ts'
import { diffSpec } from './diff/spec.ts'
import { downSpec } from './down/spec.ts'
import { healthSpec, topSpec } from './health/spec.ts'
import { loadSpec } from './load/spec.ts'
import { logsSpec } from './logs/spec.ts'
import { modelSpec } from './model/spec.ts'
import { openSpec } from './open/spec.ts'
import { predictSpec } from './predict/spec.ts'
import { renderSpec } from './render/spec.ts'
import { reportSpec } from './report/spec.ts'
import { serveSpec } from './serve/spec.ts'
import { sloSpec } from './slo/spec.ts'
import { statusSpec } from './status/spec.ts'
import { supportSpec } from './support/spec.ts'
import { upSpec } from './up/spec.ts'

export const COMMANDS: readonly CommandSpec[] = [
  upSpec,
  downSpec,
  statusSpec,
  logsSpec,
  openSpec,
  serveSpec,
  predictSpec,
  loadSpec,
  healthSpec,
  topSpec,
  sloSpec,
  reportSpec,
  renderSpec,
  checkSpec,
  diffSpec,
  modelSpec,
  supportSpec,
  completionSpec,
]

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--name <stack>', description: 'the stack to act on (default: fnd)', setting: 'name' },
  { flags: '--json', description: 'print the answer (or the error) as JSON' },
  { flags: '-q, --quiet', description: 'print the answer and errors, nothing else' },
  { flags: '--debug', description: 'show stack traces' },
  { flags: '--no-color', description: 'no colours (also: NO_COLOR=1)' },
  { flags: '--config <file>', description: 'settings file (default: fnd.yaml in this folder)' },
]
