// What `up` says of what it starts, above all that a model was not named again.

import { expect, it } from 'vitest'
import { identify } from '../../../src/runtime/identity.ts'
import type { Sight } from '../../../src/runtime/local/observe.ts'
import { startsOf } from '../../../src/runtime/local/starts.ts'
import type { ComponentSpec, DesiredState } from '../../../src/runtime/local/state.ts'

const spec = (component: 'backend' | 'prometheus', hash: string, model?: string): ComponentSpec => ({
  component,
  hash,
  command: '/bin/true',
  args: [],
  env: model === undefined ? {} : { FND_MODEL: model },
  files: {},
  url: 'http://127.0.0.1:1',
  probe: '/',
  grace: 5,
})
const wanted = (...components: ComponentSpec[]): DesiredState => ({ name: 'fnd', components, missing: [] })

/** A stack whose components all run as `desired` says, but for `dead`. */
const running = (desired: DesiredState, dead?: string): Sight => ({
  desired,
  supervised: true,
  components: desired.components.map(({ component, hash }) => ({
    component,
    hash,
    process: identify(process.pid),
    state: 'running',
    restarts: 0,
    alive: component !== dead,
  })),
})

const prometheus = spec('prometheus', 'p')
const fast = wanted(spec('backend', 'fast', 'fast'), prometheus)
const base = wanted(spec('backend', 'base', 'bundled'), prometheus)

it('names what is new', () => {
  expect(startsOf(base, { desired: undefined, supervised: false, components: [] })).toBe(
    'backend, prometheus',
  )
  expect(startsOf(base, running(base, 'prometheus'))).toBe('prometheus')
})

it('tells what is replaced, and the model that is another one now', () => {
  expect(startsOf(base, running(fast))).toBe(
    'restarted for what has changed: backend (model fnd-fast → fnd-base)',
  )
  const own = wanted(spec('backend', 'own', '/models/own'), spec('prometheus', 'other'))
  expect(startsOf(own, running(base, 'prometheus'))).toBe(
    'prometheus; restarted for what has changed: backend (model fnd-base → /models/own)',
  )
})

it('tells what is no longer wanted', () => {
  expect(startsOf(wanted(spec('backend', 'base', 'bundled')), running(base))).toBe('stopped: prometheus')
})

it('does not take two names of one model for two', () => {
  const named = wanted(spec('backend', 'named', 'base'), prometheus)
  expect(startsOf(named, running(base))).toBe('restarted for what has changed: backend')
})

it('says so where every process goes on, under a new supervisor', () => {
  expect(startsOf(base, { ...running(base), supervised: false })).toBe('all run on')
})
