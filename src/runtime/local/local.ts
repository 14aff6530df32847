// The local runtime: plain processes on this machine under a small supervisor.

import { FndError } from '../../errors/error.ts'
import { isAlive } from '../identity.ts'
import type { Endpoints, Runtime, RuntimeSetup } from '../runtime.ts'
import { type Layout, layoutOf } from './layout.ts'
import { desiredState, observedState, readState } from './state.ts'

/** The runtime `local` of the stack that the settings name. */
export function createLocalRuntime({ settings, paths, why }: RuntimeSetup): Runtime {
  const layout = layoutOf(paths.stack(settings.name))
  const unbuilt = () => {
    throw new FndError('FND_INTERNAL', { what: 'not built in yet' })
  }
  return {
    name: 'local',
    why,
    check: unbuilt,
    plan: unbuilt,
    wait: unbuilt,
    endpoints: async () => endpointsOf(layout, settings.name),
    status: unbuilt,
    logs: unbuilt,
    evidence: unbuilt,
    down: unbuilt,
  }
}

/** The addresses of the components whose process lives. */
function endpointsOf(layout: Layout, name: string): Endpoints {
  const desired = readState(layout.desired, desiredState)
  const observed = readState(layout.observed, observedState)
  const living = observed?.components.flatMap(({ component, process }) =>
    process && isAlive(process) ? [component] : [],
  )
  const urls = desired?.components
    .filter(({ component }) => living?.includes(component))
    .map(({ component, url }) => [component, new URL(url)] as const)
  if (!urls?.length) throw new FndError('FND_STACK_ABSENT', { name })
  return { ...Object.fromEntries(urls), [Symbol.asyncDispose]: async () => {} }
}
