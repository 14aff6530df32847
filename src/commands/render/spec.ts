// `fnd render`: help and flags.

import type { CommandSpec } from '../command.ts'
import { MANIFESTS } from '../stack-options.ts'

export const renderSpec: CommandSpec = {
  name: 'render',
  group: 'Kubernetes',
  summary: 'print the Kubernetes manifests of a stack',
  description:
    'Prints the manifests that `fnd up` would apply, for `kubectl apply -f -` or a GitOps repository. The same settings give the same text: nothing is asked of a cluster, and no secret is made up. Grafana reads its admin password from the Secret grafana-admin, which you make once; the command for it is printed on stderr.',
  options: [
    {
      flags: '--output-dir <folder>',
      description: 'write one file for each object there, and remove those of an earlier rendering',
    },
    {
      flags: '--for <target>',
      description: 'kind: node ports, no volume; cluster: autoscaler, volume',
      choices: ['cluster', 'kind'],
      default: 'cluster',
    },
    {
      flags: '--image-context <folder>',
      description:
        'also write the build context of the backend image into this new or empty folder, for docker build',
    },
    {
      flags: '--arch <arch>',
      description: 'processor of the nodes, for the image that fnd builds',
      choices: ['x64', 'arm64'],
    },
    ...MANIFESTS,
  ],
  examples: [
    { command: 'fnd render --image reg.example.com/fnd:1 | kubectl apply -f -', does: 'apply with kubectl' },
    {
      command: 'fnd render --image reg.example.com/fnd:1 --output-dir deploy',
      does: 'files for a GitOps repository',
    },
    { command: 'fnd render --image-context ctx', does: 'what `docker build` needs to make the image' },
  ],
  load: () => import('./run.ts'),
}
