// The local runtime: plain processes on this machine under a small supervisor.

import { FndError } from '../../errors/error.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import { searchHere } from '../programs/find.ts'
import {
  COMPONENTS,
  type Endpoints,
  type LogLine,
  type LogRequest,
  type Runtime,
  type RuntimeSetup,
} from '../runtime.ts'
import { bringUp } from './bring-up.ts'
import { afterChecks, beforeChecks } from './checks.ts'
import { grafanaPassword } from './components.ts'
import { saveEvidence } from './evidence.ts'
import { type Layout, layoutOf } from './layout.ts'
import { followLog, readLog } from './log-files.ts'
import { look, observeStatus } from './observe.ts'
import { waitUntilAllAnswer } from './ready.ts'
import { takeDown } from './take-down.ts'

/** The runtime `local` of the stack that the settings name. */
export function createLocalRuntime({ settings, paths, env, why }: RuntimeSetup): Runtime {
  const layout = layoutOf(paths.stack(settings.name))
  const search = (signal: AbortSignal) => searchHere({ settings, paths, env }, signal)
  return {
    name: 'local',
    why,
    check: (phase, signal) =>
      phase === 'before'
        ? beforeChecks({ paths, layout, settings, search: search(signal) })
        : afterChecks(layout, settings, signal),
    plan: async (signal) => ({
      actions: bringUp({ layout, settings, paths, env, search: search(signal) }),
    }),
    wait: (progress, signal) => waitUntilAllAnswer(layout, settings, progress, signal),
    endpoints: async () => endpointsOf(layout, settings.name),
    status: () => observeStatus(layout, settings.name),
    logs: (request) => readLogs(layout, settings.name, request),
    evidence: () => saveEvidence(layout, settings.name, paths),
    down: (progress, signal) => takeDown(layout, progress, signal),
  }
}

/** The addresses of the components whose process lives. */
function endpointsOf(layout: Layout, name: string): Endpoints {
  const { desired, components } = look(layout)
  const living = components.filter(({ alive }) => alive).map(({ component }) => component)
  const urls = desired?.components
    .filter(({ component }) => living.includes(component))
    .map(({ component, url }) => [component, new URL(url)] as const)
  if (!urls?.length) throw new FndError('FND_STACK_ABSENT', { name })
  const password = grafanaPassword(desired)
  return {
    ...Object.fromEntries(urls),
    ...(password && { grafanaLogin: { user: GRAFANA_USER, password } }),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function* readLogs(layout: Layout, name: string, request: LogRequest): AsyncGenerator<LogLine> {
  const { desired } = look(layout)
  if (!desired) throw new FndError('FND_STACK_ABSENT', { name })
  const components = COMPONENTS.filter(
    (component) =>
      request.components.includes(component) &&
      desired.components.some((spec) => spec.component === component),
  )
  const line = (component: (typeof COMPONENTS)[number]) => (text: string) => ({
    component,
    instance: component,
    text,
  })
  for (const component of components)
    yield* (await readLog(layout.log(component), request.tail)).map(line(component))
  if (request.follow)
    yield* merged(
      components.map((component) =>
        mapped(followLog(layout.log(component), request.signal), line(component)),
      ),
    )
}

async function* mapped<T, U>(source: AsyncIterable<T>, map: (item: T) => U): AsyncGenerator<U> {
  for await (const item of source) yield map(item)
}

/** Items of several sources as they come. */
async function* merged<T>(sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then((result) => ({ source, result }))
  const pending = new Map(sources.map((source) => [source, next(source)]))
  while (pending.size > 0) {
    const { source, result } = await Promise.race(pending.values())
    if (result.done) pending.delete(source)
    else {
      pending.set(source, next(source))
      yield result.value
    }
  }
}
