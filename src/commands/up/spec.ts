// `fnd up`: help and flags.

import type { CommandSpec } from '../command.ts'
import { CONTEXT, MANIFESTS, RUNTIME } from '../stack-options.ts'

export const upSpec: CommandSpec = {
  name: 'up',
  group: 'Run the stack',
  summary: 'bring the stack up: backend, Prometheus, Grafana',
  description:
    'Brings the stack up and returns when every component has answered a real request. It runs on kind where a Docker engine answers, else as plain local processes. Running it again changes nothing, finishes what was interrupted, and restarts what has died or whose settings have changed.',
  options: [
    RUNTIME,
    CONTEXT,
    ...MANIFESTS,
    {
      flags: '--port-backend <port>',
      description: 'port of the backend (default: 8000; 0: a free one)',
      setting: 'ports.backend',
    },
    {
      flags: '--port-prometheus <port>',
      description: 'port of Prometheus (default: 9090; 0: a free one)',
      setting: 'ports.prometheus',
    },
    {
      flags: '--port-grafana <port>',
      description: 'port of Grafana (default: 3001; 0: a free one)',
      setting: 'ports.grafana',
    },
    {
      flags: '--port-s3 <port>',
      description: 'port of the S3 server (default: 7070; 0: a free one)',
      setting: 'ports.s3',
    },
    {
      flags: '--timeout <time>',
      description: 'longest wait for the stack to be ready (default: 5m)',
      setting: 'timeout',
    },
    {
      flags: '--strict',
      description: 'a missing program is an error, not a degraded stack',
      setting: 'strict',
    },
    { flags: '--offline', description: 'download nothing', setting: 'offline' },
    { flags: '--keep-on-failure', description: 'leave what was made when it fails' },
    { flags: '--dry-run', description: 'print what would be done, and do nothing' },
  ],
  examples: [
    { command: 'fnd up', does: 'the whole stack' },
    { command: 'fnd up --runtime local', does: 'without Docker, even where it is there' },
    {
      command: 'fnd up --context prod --image registry.example/fnd:1.0',
      does: 'in a cluster that exists',
    },
    { command: 'fnd up --name b --port-backend 0 --port-prometheus 0', does: 'a second stack on free ports' },
  ],
  exits: [
    { code: 4, when: 'something needed is missing' },
    { code: 5, when: 'not ready in time' },
    { code: 130, when: 'interrupted' },
  ],
  load: () => import('./run.ts'),
}
