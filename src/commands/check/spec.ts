// `fnd check`: help and flags.

import type { CommandSpec } from '../command.ts'

export const checkSpec: CommandSpec = {
  name: 'check',
  group: 'Probe it',
  summary: 'check that the stack can come up, or that it is sound',
  description:
    'Before a stack is up: whether it can be brought up here. Once it is up: whether every part is sound, down to the proof of the flow: a prediction is sent, and its count must arrive in the backend, in Prometheus after the next scrape and, where Grafana runs, through its datasource.',
  options: [{ flags: '--before', description: 'only ask whether a stack can be brought up here' }],
  examples: [
    { command: 'fnd check', does: 'pre-flight, or all checks of the running stack' },
    { command: 'fnd check --json', does: 'the same for a script' },
  ],
  exits: [{ code: 3, when: 'a check failed' }],
  load: () => import('./run.ts'),
}
