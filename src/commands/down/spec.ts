// `fnd down`: help and flags.

import type { CommandSpec } from '../command.ts'

export const downSpec: CommandSpec = {
  name: 'down',
  group: 'Run the stack',
  summary: 'take the stack down and leave nothing behind',
  description:
    'Stops every process of the stack and removes what it kept, its samples included. Downloaded programs stay in the cache, on kind the backend image in Docker: the answer names it. Running it again does no harm.',
  options: [],
  examples: [
    { command: 'fnd down', does: 'take the default stack down' },
    { command: 'fnd down --name b', does: 'take another one down' },
  ],
  exits: [{ code: 130, when: 'interrupted' }],
  load: () => import('./run.ts'),
}
