// Renders the configuration of the kind cluster that a stack runs in.

import { readFileSync } from 'node:fs'
import { packageRoot } from '../package.ts'
import { COMPONENTS, type Component } from '../runtime/runtime.ts'
import { STACK_LABEL } from './labels.ts'
import { KIND_POD_SUBNET } from './render.ts'
import { fillTemplate, toYaml } from './template.ts'
import { NODE_PORTS } from './values.ts'

export interface KindClusterValues {
  /** The cluster's name. */
  name: string
  /** The stack that it is made for. */
  stack: string
  /** Ports on 127.0.0.1; a component without one is not reached from this machine. */
  ports: Readonly<Partial<Record<Component, number>>>
  /** Absent: the node image that this version of kind was made with. */
  nodeImage?: string | undefined
}

/** What `kind create cluster --config -` reads. */
export function renderKindConfig({ name, stack, ports, nodeImage }: KindClusterValues): string {
  const template = readFileSync(`${packageRoot}templates/kind/cluster.yaml`, 'utf8')
  return fillTemplate(template, {
    name,
    ports: Object.fromEntries(COMPONENTS.map((component) => [component, ports[component]])),
    nodeImage,
    nodeLabels: { [STACK_LABEL]: stack },
    nodePorts: NODE_PORTS,
    podSubnet: KIND_POD_SUBNET,
  })
    .map(toYaml)
    .join('---\n')
}
