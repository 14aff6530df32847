// `fnd logs`: help and flags.

import type { CommandSpec } from '../command.ts'

export const logsSpec: CommandSpec = {
  name: 'logs',
  group: 'Run the stack',
  summary: 'show the logs of the components',
  description:
    'Prints what the components have logged, component by component; with --follow it then goes on with what they log, until Ctrl-C. Lines marked [fnd] are the supervisor’s. On a terminal the lines of the backend are set for reading; into a pipe they go as they were written, JSON.',
  arguments: [
    {
      name: '[component]',
      description: 'only this component',
      choices: ['backend', 'prometheus', 'grafana', 's3'],
    },
  ],
  options: [
    { flags: '-f, --follow', description: 'go on with new lines' },
    {
      flags: '--tail <lines>',
      description: 'only the last lines of each component (default: all that is kept)',
    },
  ],
  examples: [
    { command: 'fnd logs backend --tail 20', does: 'the last 20 lines of the backend' },
    { command: 'fnd logs -f', does: 'everything, as it comes' },
  ],
  exits: [{ code: 4, when: 'no such stack, or that component does not run' }],
  load: () => import('./run.ts'),
}
