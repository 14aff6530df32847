// `fnd open`: help and flags.

import type { CommandSpec } from '../command.ts'

export const openSpec: CommandSpec = {
  name: 'open',
  group: 'Run the stack',
  summary: 'open Grafana, Prometheus or the API’s page in the browser',
  description:
    'Prints the address of a page of the stack and, on a terminal, opens it in the browser. Without a name it takes Grafana where it runs, else the page of the API. On an existing cluster (runtime cluster) the address is a port-forward, and the command keeps it open until Ctrl-C.',
  arguments: [{ name: '[page]', description: 'which page', choices: ['grafana', 'prometheus', 'docs'] }],
  options: [],
  examples: [
    { command: 'fnd open docs', does: 'try the API in the browser' },
    { command: 'fnd open grafana', does: 'the dashboards' },
  ],
  exits: [{ code: 4, when: 'no such stack, or that component does not run' }],
  load: () => import('./run.ts'),
}
