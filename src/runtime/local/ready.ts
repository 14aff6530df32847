// Waits for the components of a local stack, and gives up on one that goes down again and again.

import type { Settings } from '../../config/schema.ts'
import { FndError } from '../../errors/error.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import { waitUntilReady } from '../ready.ts'
import type { Component, Progress } from '../runtime.ts'
import { grafanaPassword } from './components.ts'
import type { Layout } from './layout.ts'
import { readLog } from './log-files.ts'
import { look } from './observe.ts'

/** A component that went down this often while it was waited for will not come up by itself. */
const MOST_FALLS = 2

/** @throws FndError FND_COMPONENT_FAILED, FND_TIMEOUT, FND_STACK_ABSENT; AbortError. */
export async function waitUntilAllAnswer(
  layout: Layout,
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { desired, components } = look(layout)
  if (!desired) throw new FndError('FND_STACK_ABSENT', { name: settings.name })
  const falls = new Map(components.map(({ component, restarts }) => [component, restarts]))
  const password = grafanaPassword(desired)
  const wait = {
    urls: new Map(desired.components.map(({ component, url }) => [component, new URL(url)])),
    settings,
    grafanaLogin: password === undefined ? undefined : { user: GRAFANA_USER, password },
    started: performance.now(),
    giveUp: (component: Component) => giveUp(layout, component, falls.get(component) ?? 0),
  }
  await waitUntilReady(wait, progress, signal)
}

async function giveUp(layout: Layout, component: Component, falls: number): Promise<void> {
  const seen = look(layout).components.find((one) => one.component === component)
  if (!seen || seen.restarts - falls < MOST_FALLS) return
  const lines = await readLog(layout.log(component))
  throw new FndError('FND_COMPONENT_FAILED', {
    component,
    why: seen.reason ?? 'it goes down again and again',
    last: lines.filter((line) => !line.startsWith('[fnd]')).at(-1) ?? '',
  })
}
