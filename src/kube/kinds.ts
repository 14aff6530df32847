// The kinds of objects that fnd makes, and in which order.

import type { KubeKind } from './object.ts'

/** In the order in which they can be applied: whatever another object needs comes before it. */
const NAMESPACED: readonly KubeKind[] = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
]

export const NAMESPACE: KubeKind = { apiVersion: 'v1', kind: 'Namespace' }

/** The names of all kinds, in the order in which they can be applied. */
export const APPLY_ORDER: readonly string[] = [NAMESPACE, ...NAMESPACED].map(({ kind }) => kind)

/** Every kind in a namespace that fnd has ever rendered, in the order in which they are removed: what uses others goes before them. */
export const OWNED_KINDS: readonly KubeKind[] = NAMESPACED.toReversed()
