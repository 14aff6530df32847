// Options that several commands share: what and where a stack is.

import type { OptionSpec } from './command.ts'

export const RUNTIME: OptionSpec = {
  flags: '--runtime <where>',
  description: 'where to run it (default: auto)',
  choices: ['auto', 'kind', 'cluster', 'local'],
  setting: 'runtime',
}

export const CONTEXT: OptionSpec = {
  flags: '--context <context>',
  description: 'Kubernetes context of an existing cluster',
  setting: 'context',
}

const IMAGE: OptionSpec = {
  flags: '--image <reference>',
  description: 'ready-made backend image, e.g. from a registry that the cluster reaches',
  setting: 'images.backend',
}

/** How to reach a registry of models. */
export const REGISTRY: readonly OptionSpec[] = [
  {
    flags: '--s3-endpoint <url>',
    description: 'an S3-compatible server (default: AWS S3)',
    setting: 'registry.endpoint',
  },
  {
    flags: '--s3-region <region>',
    description: 'region of the bucket (default: as AWS tools find it)',
    setting: 'registry.region',
  },
  {
    flags: '--trusted-key <key>',
    description: 'take only what this public key signed; may be given several times',
    setting: 'registry.trustedKeys',
    repeatable: true,
  },
]

/** Which model, and the registry that it may come from. */
export const MODEL: readonly OptionSpec[] = [
  {
    flags: '--model <model>',
    description: 'base, fast, a bundle’s folder, or s3://bucket/name@version or #alias (default: base)',
    setting: 'model',
  },
  ...REGISTRY,
]

/** Where the pods of a stack get their model's registry and its credentials from. */
const POD_REGISTRY: readonly OptionSpec[] = [
  {
    flags: '--s3',
    description: 'an S3 server for models in the kind cluster',
    setting: 'kubernetes.s3',
  },
  {
    flags: '--registry-secret <name>',
    description: 'Secret that holds the pods’ AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    setting: 'kubernetes.registrySecret',
  },
  {
    flags: '--role-arn <arn>',
    description: 'IAM role of the backend’s pods on EKS (IRSA)',
    setting: 'kubernetes.serviceAccount.roleArn',
  },
]

const SCRAPE_INTERVAL: OptionSpec = {
  flags: '--scrape-interval <time>',
  description: 'how often Prometheus scrapes (default: 15s)',
  setting: 'prometheus.scrapeInterval',
}

/** The size of a stack in a cluster. */
const KUBERNETES_SIZE: readonly OptionSpec[] = [
  {
    flags: '--replicas <number>',
    description: 'backend pods; on an existing cluster, the fewest (default: 2)',
    setting: 'kubernetes.replicas',
  },
  {
    flags: '--max-replicas <number>',
    description: 'most backend pods of the autoscaler (default: 10)',
    setting: 'kubernetes.maxReplicas',
  },
  {
    flags: '--storage <size>',
    description: 'volume for Prometheus on an existing cluster (default: 10Gi)',
    setting: 'kubernetes.storage',
  },
  {
    flags: '--storage-class <name>',
    description: 'storage class of that volume',
    setting: 'kubernetes.storageClass',
  },
]

/** What shapes the manifests: `up` applies them, `diff` rehearses and `render` prints what they would be. */
export const MANIFESTS: readonly OptionSpec[] = [
  IMAGE,
  ...MODEL,
  ...POD_REGISTRY,
  ...KUBERNETES_SIZE,
  SCRAPE_INTERVAL,
]
