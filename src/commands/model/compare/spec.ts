// `fnd model compare`: help and flags.

import { EXIT } from '../../../errors/exit.ts'
import type { CommandSpec } from '../../command.ts'
import { REGISTRY } from '../../stack-options.ts'

export const compareSpec: CommandSpec = {
  name: 'compare',
  group: 'Models',
  summary: 'show a canary beside the version that serves, and judge it',
  description:
    'Shows both versions side by side, for the time that the canary has had its present share: texts, latency, verdicts, confidence, errors. For a shadow, which reads the same texts as the version that serves, it also shows how often the two disagree. A rule then judges the canary. It is worse when a backend refused it, or when its errors, latency or verdicts differ by more than the rule allows and by more than chance. The figures come from Prometheus; where none answers, from the backend itself. With --auto it waits until there are enough texts, then promotes the canary or rolls it back (docs/registry.md).',
  arguments: [{ name: '<address>', description: 's3://bucket/prefix/name (or with #alias)' }],
  options: [
    { flags: '--alias <name>', description: 'the alias that the canary stands at', default: 'production' },
    {
      flags: '--rule <limits>',
      description:
        'limits of the rule, of which the others stay: texts=200,errors=1%,latency=1.5,mix=10%,disagreement=10%',
    },
    { flags: '--auto', description: 'wait for enough texts, then promote or roll back' },
    { flags: '--within <duration>', description: 'with --auto: longest wait', default: '1h' },
    { flags: '--every <duration>', description: 'with --auto: time from look to look', default: '15s' },
    { flags: '--dry-run', description: 'with --auto: say what would be done, move nothing' },
    { flags: '--prometheus <url>', description: 'ask this Prometheus instead of the stack’s own' },
    { flags: '--backend <url>', description: 'read the /metrics of this backend, without a Prometheus' },
    ...REGISTRY,
  ],
  examples: [
    { command: 'fnd model compare s3://acme-models/prod/fnd-base', does: 'production and its canary' },
    {
      command: 'fnd model compare s3://acme-models/prod/fnd-base --auto',
      does: 'then promote or roll back',
    },
    {
      command: 'fnd model compare s3://models/fnd-base --auto --rule texts=1000,errors=0.1%',
      does: 'with a stricter rule',
    },
  ],
  exits: [
    { code: EXIT.unhealthy, when: 'the canary is worse (with --auto: it was rolled back)' },
    { code: EXIT.missing, when: 'no canary, no such model or alias, no stack, no credentials' },
    { code: EXIT.timeout, when: 'with --auto: too few texts in time, the canary stands as it was' },
    { code: EXIT.interrupted, when: 'with --auto: interrupted, the canary stands as it was' },
  ],
  load: () => import('./run.ts'),
}
