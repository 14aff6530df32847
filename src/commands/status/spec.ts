// `fnd status`: help and flags.

import type { CommandSpec } from '../command.ts'

export const statusSpec: CommandSpec = {
  name: 'status',
  group: 'Run the stack',
  summary: 'show what runs, as it is seen now',
  description:
    'Shows each component of the stack: its state, its restarts and its address, observed now. The exit code says how the stack is, so that scripts need not read the text.',
  options: [],
  examples: [{ command: 'fnd status', does: 'the default stack' }],
  exits: [
    { code: 3, when: 'failing, starting or degraded' },
    { code: 4, when: 'no such stack' },
  ],
  load: () => import('./run.ts'),
}
