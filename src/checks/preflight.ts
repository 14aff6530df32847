// Can a stack be brought up here: fnd itself, then what the runtime needs.

import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import type { CheckResult, Runtime } from '../runtime/runtime.ts'
import { runGroup } from './check.ts'
import { installationChecks } from './installation.ts'

export interface PreflightWorld {
  settings: Settings
  paths: Paths
  runtime: Runtime
  nodeVersion: string
}

/** Results as they come. */
export async function* preflight(world: PreflightWorld, signal: AbortSignal): AsyncGenerator<CheckResult> {
  const { settings, paths, runtime, nodeVersion } = world
  yield* runGroup(installationChecks(settings, paths, nodeVersion), signal)
  yield* runtime.check('before', signal)
}
