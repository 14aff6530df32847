// `fnd load`: help and flags.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec } from '../command.ts'

export const loadSpec: CommandSpec = {
  name: 'load',
  group: 'Use it',
  summary: 'send realistic traffic to the running stack',
  description:
    'Sends articles of realistic lengths to the running stack, arriving at random as from many people, whether or not earlier requests have been answered. Latency counts from the moment a request was due, so that a slow backend cannot hide. The texts are invented; the same seed sends the same ones.',
  options: [
    { flags: '--rps <number>', description: 'requests a second in the mean', default: '20' },
    { flags: '--duration <time>', description: 'how long, e.g. 30s or 5m', default: '30s' },
    {
      flags: '--bad <share>',
      description: 'share of requests that the backend must refuse, e.g. 5%',
      default: '0%',
    },
    { flags: '--clients <number>', description: 'connections, one request at a time each', default: '64' },
    { flags: '--timeout <time>', description: 'longest wait for one answer', default: '10s' },
    { flags: '--seed <number>', description: 'choice of texts and arrival times', default: '1' },
    {
      flags: '--file <path>',
      description: 'own texts instead: JSONL or CSV with a field text, else one a line',
    },
    { flags: '--url <backend>', description: 'another backend than that of the stack' },
    { flags: '--allow-remote', description: 'with --url: it may be another machine' },
    {
      flags: '--max-errors <share>',
      description: 'exit with 3 when more 5xx and unanswered requests than this, e.g. 1%',
    },
    { flags: '--max-p95 <time>', description: 'exit with 3 when the 95th percentile is above, e.g. 300ms' },
  ],
  examples: [
    { command: 'fnd load', does: '20 requests a second for 30 seconds' },
    { command: 'fnd load --rps 50 --duration 5m --bad 5%', does: 'with some that must be refused' },
    { command: 'fnd load --max-p95 300ms --max-errors 1%', does: 'a gate in a pipeline' },
  ],
  exits: [
    { code: EXIT.unhealthy, when: 'a limit was passed' },
    { code: EXIT.missing, when: 'no stack' },
    { code: EXIT.interrupted, when: 'interrupted, the summary so far is printed' },
  ],
  load: () => import('./run.ts'),
}
