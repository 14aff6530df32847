// The parts of pods, deployments and events that fnd reads. Everything is optional, as in the API; unknown fields are left alone.

import { z } from 'zod'

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().default('default'),
  uid: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
})

const terminated = z.looseObject({
  exitCode: z.number(),
  reason: z.string().optional(),
  message: z.string().optional(),
})

const containerStatus = z.looseObject({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  imageID: z.string().optional(),
  state: z
    .looseObject({
      waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.looseObject({ startedAt: z.string().optional() }).optional(),
      terminated: terminated.optional(),
    })
    .default({}),
  lastState: z.looseObject({ terminated: terminated.optional() }).default({}),
})

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
})

const securityContext = z.looseObject({
  runAsNonRoot: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  seccompProfile: z.looseObject({ type: z.string() }).optional(),
  capabilities: z.looseObject({ drop: z.array(z.string()).optional() }).optional(),
})

export const podSchema = z.looseObject({
  metadata,
  spec: z.looseObject({
    nodeName: z.string().optional(),
    securityContext: securityContext.optional(),
    containers: z.array(
      z.looseObject({
        name: z.string(),
        image: z.string().optional(),
        securityContext: securityContext.optional(),
      }),
    ),
  }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      startTime: z.string().optional(),
      conditions: z.array(condition).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
})

export const deploymentSchema = z.looseObject({
  metadata,
  spec: z.looseObject({
    replicas: z.number().default(1),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) }),
  }),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      replicas: z.number().default(0),
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
})

export const eventSchema = z.looseObject({
  type: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  involvedObject: z.looseObject({
    kind: z.string().optional(),
    name: z.string().optional(),
    uid: z.string().optional(),
  }),
})

export type Pod = z.infer<typeof podSchema>
export type Deployment = z.infer<typeof deploymentSchema>
export type KubeEvent = z.infer<typeof eventSchema>
