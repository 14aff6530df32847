// `fnd slo`: help and flags.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec } from '../command.ts'

export const sloSpec: CommandSpec = {
  name: 'slo',
  group: 'Probe it',
  summary: 'Error budgets: what is left, how fast it burns',
  description:
    'Shows for each objective of fnd.yaml (settings slo.*) what was achieved, how much of the error budget is left, how fast it burns against what is allowed, and when it would be spent at the pace of the last hour. Only what Prometheus has stored counts.',
  options: [{ flags: '--prometheus <url>', description: 'ask this Prometheus instead of the stack’s own' }],
  examples: [{ command: 'fnd slo', does: 'the budgets now' }],
  exits: [
    { code: EXIT.unhealthy, when: 'a budget is spent, or would be within about two days' },
    { code: EXIT.missing, when: 'no stack is up' },
  ],
  load: () => import('./run.ts'),
}
