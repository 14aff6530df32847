// The two files of a local stack: what `up` wants (desired.json) and what the supervisor sees (observed.json).

import { z } from 'zod'
import { identity } from '../identity.ts'
import { COMPONENTS } from '../runtime.ts'

const component = z.enum(COMPONENTS)

/** One process to keep running. */
const componentSpec = z.object({
  component,
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Files to write before it starts, by path within the stack's folder. */
  files: z.record(z.string(), z.string()),
  /** Its base address on this machine. */
  url: z.string(),
  /** Path that answers 200 while it is well. */
  probe: z.string(),
  version: z.string().optional(),
  /** Longest time to end after SIGTERM, in seconds. */
  grace: z.number(),
  /** Fingerprint of all that decides how it runs; another one means a restart. */
  hash: z.string(),
})

export const desiredState = z.object({
  name: z.string(),
  components: z.array(componentSpec),
  /** Components that cannot run here, with the reason and what mends it. */
  missing: z.array(z.object({ component, reason: z.string(), mend: z.string() })),
})

const observedComponent = z.object({
  component,
  /** Fingerprint of the spec that it was started with. */
  hash: z.string(),
  process: identity.or(z.undefined()).optional(),
  state: z.enum(['starting', 'running', 'waiting', 'stopped']),
  /** Why it last went down. */
  reason: z.string().optional(),
  restarts: z.int(),
  /** Milliseconds since the epoch. */
  startedAt: z.number().optional(),
})

export const observedState = z.object({
  supervisor: identity,
  /** It ends its components, then itself: it takes up nothing any more. */
  stopping: z.boolean().optional(),
  components: z.array(observedComponent),
})

export type ComponentSpec = z.infer<typeof componentSpec>
export type DesiredState = z.infer<typeof desiredState>
export type ObservedComponent = z.infer<typeof observedComponent>
export type ObservedState = z.infer<typeof observedState>
