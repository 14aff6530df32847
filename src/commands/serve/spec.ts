// `fnd serve`: help and flags.

import type { CommandSpec } from '../command.ts'
import { MODEL } from '../stack-options.ts'

export const serveSpec: CommandSpec = {
  name: 'serve',
  group: 'Run the stack',
  summary: 'run the backend alone, in the foreground',
  description:
    'Runs the HTTP backend of the detector in the foreground until Ctrl-C or SIGTERM; then it finishes what it has taken. Its log goes to stdout, one JSON document a line unless stdout is a terminal. The API is described at /docs.',
  options: [
    { flags: '--port <port>', description: 'port to listen on (default: 8000)', setting: 'ports.backend' },
    {
      flags: '--host <address>',
      description: 'address to listen on (default: 127.0.0.1, this machine only)',
      setting: 'backend.host',
    },
    {
      flags: '--workers <number>',
      description: 'inference workers (default: one per core)',
      setting: 'backend.workers',
    },
    ...MODEL,
  ],
  examples: [
    { command: 'fnd serve', does: 'the backend on http://127.0.0.1:8000' },
    { command: 'fnd serve --port 8080 --workers 1', does: 'on another port, with one worker' },
    {
      command: 'fnd serve --model "s3://acme-models/fnd-base#production"',
      does: 'what production means, now and whenever it moves',
    },
  ],
  exits: [{ code: 4, when: 'no model bundle' }],
  load: () => import('./run.ts'),
}
