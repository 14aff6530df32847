// `fnd diff`: help and flags.

import type { CommandSpec } from '../command.ts'
import { CONTEXT, MANIFESTS, RUNTIME } from '../stack-options.ts'

export const diffSpec: CommandSpec = {
  name: 'diff',
  group: 'Kubernetes',
  summary: 'show what `fnd up` would change in the cluster',
  description:
    'Rehearses `fnd up` on the API server (server-side dry run) and shows, object by object, how the result differs from what stands there. Nothing is made. Values of secrets are shown as fingerprints.',
  options: [RUNTIME, CONTEXT, ...MANIFESTS],
  examples: [
    { command: 'fnd diff', does: 'of the default stack' },
    { command: 'fnd diff && echo nothing to do', does: 'in a script' },
  ],
  exits: [
    { code: 3, when: '`fnd up` would change something' },
    { code: 4, when: 'something needed is missing' },
  ],
  load: () => import('./run.ts'),
}
