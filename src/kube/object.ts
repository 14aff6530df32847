// Kubernetes objects as the API server gives them: plain JSON, named by kind, namespace and name.

/** Any object; fields beyond these are read through the schemas of whoever needs them. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    uid?: string
    creationTimestamp?: string
    deletionTimestamp?: string
    [field: string]: unknown
  }
  [field: string]: unknown
}

/** A kind of object, as the API addresses it. */
export interface KubeKind {
  apiVersion: string
  kind: string
}

/** Which object: enough to read or delete it. */
export type KubeRef = KubeKind & { metadata: { name: string; namespace?: string } }

/** An object's name for people: `Deployment fake-news-app/backend`. */
export function titleOf({ kind, metadata }: KubeRef): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`
}

const VOLATILE = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']

/** What somebody declared of an object: without status, and without what the API server writes by itself. */
export function declaredPart(object: KubeObject): KubeObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !VOLATILE.includes(key)),
  )
  const { status: _, ...rest } = object
  return { ...rest, metadata: { ...metadata, name: object.metadata.name } }
}
