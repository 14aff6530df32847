// `fnd report`: help and flags.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec } from '../command.ts'

export const reportSpec: CommandSpec = {
  name: 'report',
  group: 'Probe it',
  summary: 'One page about a range of time, for the hand-over',
  description:
    'Reads the whole catalogue of panels from Prometheus for a range of time and judges it: what went wrong, for how long and why, the alerts that fired, the error budgets, and a chart of everything. With --output it writes one HTML page that needs nothing else: it opens offline, in light and dark, and prints. Without, it shows the summary. All times are UTC.',
  options: [
    { flags: '-o, --output <file>', description: 'write the page to this file; - for stdout' },
    { flags: '--since <duration>', description: 'the range reaches back this far (default: 1h)' },
    { flags: '--from <time>', description: 'start of the range, e.g. 2026-03-01T14:00 (UTC)' },
    { flags: '--to <time>', description: 'end of the range (default: now)' },
    { flags: '--prometheus <url>', description: 'ask this Prometheus instead of the stack’s own' },
  ],
  examples: [
    { command: 'fnd report -o report.html', does: 'a page about the last hour' },
    { command: 'fnd report --since 1d', does: 'what happened since yesterday, in the terminal' },
    { command: 'fnd report --json | jq .data.findings', does: 'the same for a script' },
  ],
  exits: [{ code: EXIT.missing, when: 'no stack is up, or it has no Prometheus' }],
  load: () => import('./run.ts'),
}
