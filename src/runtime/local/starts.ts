// What `up` says of the processes that it starts: which are new, which are replaced, and by which model.

import { basename } from 'node:path'
import { bundledFolder } from '../../detector/bundled.ts'
import type { Sight } from './observe.ts'
import type { ComponentSpec, DesiredState } from './state.ts'

/** What starts and stops now that `desired` is wanted, where `sight` was seen before: `prometheus; restarted for what has changed: backend`. */
export function startsOf(desired: DesiredState, sight: Sight): string {
  const running = new Map(
    sight.components.filter(({ alive }) => alive).map(({ component, hash }) => [component, hash]),
  )
  const named = (spec: ComponentSpec) => {
    const before = modelOf(sight.desired?.components.find(({ component }) => component === spec.component))
    const model = modelOf(spec)
    return before && model && before !== model
      ? `${spec.component} (model ${before} → ${model})`
      : spec.component
  }
  const fresh = desired.components.filter(({ component }) => !running.has(component)).map(named)
  const changed = desired.components
    .filter(({ component, hash }) => running.has(component) && running.get(component) !== hash)
    .map(named)
  const kept = new Set<string>(desired.components.map(({ component }) => component))
  const stopped = [...running.keys()].filter((component) => !kept.has(component))
  const parts = [
    ...(fresh.length ? [fresh.join(', ')] : []),
    ...(changed.length ? [`restarted for what has changed: ${changed.join(', ')}`] : []),
    ...(stopped.length ? [`stopped: ${stopped.join(', ')}`] : []),
  ]
  return parts.join('; ') || 'all run on'
}

/** The model that a component was told to serve, one that ships by its name. */
function modelOf(spec: ComponentSpec | undefined): string | undefined {
  const source = spec?.env.FND_MODEL
  const folder = source && bundledFolder(source)
  return folder ? basename(folder) : source
}
