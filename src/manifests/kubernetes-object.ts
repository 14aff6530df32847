// A Kubernetes object as fnd renders it: named, labelled, otherwise plain data.

import type { Value } from './template.ts'

export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: Value | KubernetesObject['metadata']
}
