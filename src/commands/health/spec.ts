// `fnd health` and its live view `fnd top`: help and flags.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec, OptionSpec } from '../command.ts'

const OPTIONS: readonly OptionSpec[] = [
  { flags: '--window <duration>', description: 'what rates and latencies are taken over', default: '5m' },
  {
    flags: '--slo <limits>',
    description: 'limits that must hold, e.g. p95=300ms,errors=1% (p50, p95, p99, mean, errors)',
  },
  { flags: '--instances', description: 'show each instance of the backend as well' },
  { flags: '--prometheus <url>', description: 'ask this Prometheus instead of the stack’s own' },
  { flags: '--backend <url>', description: 'read the /metrics of this backend, without a Prometheus' },
]

const EXITS = [
  { code: EXIT.unhealthy, when: 'unhealthy' },
  { code: EXIT.missing, when: 'no stack is up' },
] as const

export const healthSpec: CommandSpec = {
  name: 'health',
  group: 'Probe it',
  summary: 'Is it running well? Rate, errors, latency, CPU and memory',
  description:
    'Answers whether the service runs well: request rate, errors, latency of the predictions and where it is spent, CPU and memory, queue, verdicts, alerts. What is wrong comes first, with its cause. The figures come from Prometheus; where none answers, from the backend itself, since its start. It is unhealthy when the backend or its model is down, a critical alert fires, latency or errors are beyond the objectives of fnd.yaml (or beyond the limits of --slo, which take their place and must be shown to hold). Just after a start it waits for the first scrape and says so; that is no failure.',
  options: [
    ...OPTIONS,
    { flags: '--watch', description: 'live view: q quit, w window, p pause, v instances, j k scroll' },
  ],
  examples: [
    { command: 'fnd health', does: 'the last five minutes' },
    { command: 'fnd health --watch', does: 'a live view (also: fnd top)' },
    { command: 'fnd health --slo p95=300ms,errors=1%', does: 'exit 3 when a limit is broken' },
    { command: 'fnd health --json | jq .data.figures.p95', does: 'one figure for a script' },
  ],
  exits: EXITS,
  load: () => import('./run.ts'),
}

export const topSpec: CommandSpec = {
  name: 'top',
  group: 'Probe it',
  summary: 'Live view of health (health --watch)',
  description:
    'The live view of `fnd health`. Keys: q quit (with the exit code of what was seen last), w next window, p pause, v each instance, j and k or the arrows scroll.',
  options: OPTIONS,
  examples: [{ command: 'fnd top --window 1m', does: 'the last minute, live' }],
  exits: EXITS,
  load: async () => {
    const { run } = await import('./run.ts')
    return { run: (args, options, ctx) => run(args, { ...options, watch: true }, ctx) }
  },
}
