// Where the files of one local stack are.

import type { Component } from '../runtime.ts'

export interface Layout {
  readonly folder: string
  readonly desired: string
  readonly observed: string
  /** What the supervisor itself prints: nothing, unless it has a defect. */
  readonly supervisorLog: string
  /** Held while a supervisor lives. */
  readonly supervisorLock: string
  /** The current log of a component; rotated ones carry `.1`, `.2` behind it. */
  log(component: Component): string
}

/** The layout of the stack in `folder` (a path of config/paths.ts). */
export function layoutOf(folder: string): Layout {
  return {
    folder,
    desired: `${folder}/desired.json`,
    observed: `${folder}/observed.json`,
    supervisorLock: `${folder}/supervisor.lock`,
    supervisorLog: `${folder}/logs/supervisor.log`,
    log: (component) => `${folder}/logs/${component}.log`,
  }
}
