// The contract of a runtime: where a stack runs. Commands never ask which one they are talking to.

import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import type { FndError } from '../errors/error.ts'
import type { GrafanaLogin } from '../observe/grafana.ts'

export type RuntimeName = 'local' | 'kind' | 'cluster'
/** What a stack is made of; `s3` is there only where it was asked for, and only on kind. */
export const COMPONENTS = ['backend', 'prometheus', 'grafana', 's3'] as const
export type Component = (typeof COMPONENTS)[number]
/** What every stack has. */
export const USUAL_COMPONENTS = COMPONENTS.filter((component) => component !== 's3')

/** Base addresses that answer now, on this machine; a component that does not run has none. Dispose to close port-forwards. */
export interface Endpoints extends AsyncDisposable {
  readonly backend?: URL
  readonly prometheus?: URL
  readonly grafana?: URL
  readonly s3?: URL
  /** True when they are port-forwards of this very process, which end with it. */
  readonly forwarded?: boolean
  /** Grafana's administrator, for its API; never printed. */
  readonly grafanaLogin?: GrafanaLogin
}

/** What an action reports while it works. */
export interface Progress {
  update(detail: string): void
}

/** One named, idempotent piece of work; running it again finishes or confirms it. */
export interface Action {
  readonly id: string
  /** What it does, as a user reads it: "Start Prometheus". */
  readonly title: string
  /** Runs it; `detail` is shown behind the title. */
  run(
    progress: Progress,
    signal: AbortSignal,
  ): Promise<{ outcome: 'changed' | 'unchanged' | 'skipped' | 'degraded'; detail?: string }>
  /** Takes back what this run made, called in reverse order after a failure. */
  undo?(): Promise<void>
}

/** What `up` will do, in order; groups may run side by side. */
export interface Plan {
  readonly actions: readonly Action[]
}

/** One pre-flight or after-flight result, in the manner of `linkerd check`. */
export interface CheckResult {
  /** Heading that it belongs to, e.g. "programs". */
  group: string
  title: string
  outcome: 'pass' | 'warn' | 'fail' | 'skip'
  /** What was seen; the cause when it did not pass. */
  detail?: string
  /** The command or step that mends it. */
  mend?: string
  /** The error that `up` ends with when this did not pass; never part of an answer. */
  error?: FndError
}

export type ComponentState = 'running' | 'starting' | 'failing' | 'stopped' | 'missing'

export interface ComponentStatus {
  component: Component
  /** Process or pod. */
  instance: string
  state: ComponentState
  /** Why it is in this state, when that is not plain. */
  reason?: string
  version?: string
  url?: string
  restarts: number
  /** Seconds since it started; absent when it does not run. */
  uptime?: number
}

export interface StackStatus {
  name: string
  runtime: RuntimeName
  state: 'running' | 'degraded' | 'starting' | 'failing' | 'absent'
  components: ComponentStatus[]
  /** For the user, e.g. how to use kubectl with this stack; a line that begins with two spaces is to be copied, and shown as it is. */
  notes: string[]
}

export interface LogLine {
  component: Component
  instance: string
  text: string
}

export interface LogRequest {
  components: readonly Component[]
  follow: boolean
  /** Lines from the end; undefined: all that is kept. */
  tail?: number
  signal: AbortSignal
}

export interface DownResult {
  /** What was removed, one line each; empty when there was nothing. */
  removed: string[]
  /** What stays on purpose, and how it is removed, one line each. */
  kept?: string[]
}

/** One object that `up` would create, configure or remove. */
export interface Change {
  change: 'create' | 'configure' | 'remove'
  /** As a user names it: `Deployment fake-news-app/backend`. */
  object: string
  /** Unified diff of its YAML, what is there against what `up` wants; secrets are fingerprints. */
  diff: string
}

/** A place where a stack runs. Made by open.ts for one stack and its settings. */
export interface Runtime {
  readonly name: RuntimeName
  /** Why this one was taken, for the first line of `up`. */
  readonly why: string
  /** Pre-flight (can it be brought up here?) and, once it is up, after-flight (is it sound?) without the flow proof. */
  check(phase: 'before' | 'after', signal: AbortSignal): AsyncIterable<CheckResult>
  plan(signal: AbortSignal): Promise<Plan>
  /** What `up` would change in the cluster, object by object; nothing is made. Absent where no objects are declared. */
  changes?(signal: AbortSignal): Promise<Change[]>
  /** Resolves when every component answers a real request through its real path; FND_TIMEOUT with the last state otherwise. */
  wait(progress: Progress, signal: AbortSignal): Promise<void>
  /** @throws FndError FND_STACK_ABSENT when the stack is not up. */
  endpoints(signal: AbortSignal): Promise<Endpoints>
  /** Observed, never remembered; an absent stack is a status, not an error. */
  status(signal: AbortSignal): Promise<StackStatus>
  logs(request: LogRequest): AsyncIterable<LogLine>
  /** Saves what explains a failure (logs, events, states) and returns the folder. */
  evidence(signal: AbortSignal): Promise<string>
  down(progress: Progress, signal: AbortSignal): Promise<DownResult>
}

/** What a command knows when it opens a runtime. */
export interface StackSetup {
  settings: Settings
  paths: Paths
  env: NodeJS.ProcessEnv
}

/** What a runtime is made of. */
export interface RuntimeSetup extends StackSetup {
  /** Becomes the runtime's `why`. */
  why: string
}
