// `fnd support`: help and flags.

import type { CommandSpec } from '../command.ts'

export const supportSpec: CommandSpec = {
  name: 'support',
  group: 'More',
  summary: 'write one archive for a bug report',
  description:
    'Gathers versions, settings, status, checks, manifests, events, pod states, logs and what Prometheus says of its targets and rules into one .tar.gz. Secrets and article texts are removed; look through it before you send it.',
  options: [
    {
      flags: '--output <file>',
      description: 'where to write it (default: fnd-support-<stack>-<time>.tar.gz)',
    },
  ],
  examples: [{ command: 'fnd support', does: 'of the default stack, into this folder' }],
  load: () => import('./run.ts'),
}
