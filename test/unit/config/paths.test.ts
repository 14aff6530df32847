// Where fnd keeps its things, whatever the environment says about it.

import { isAbsolute } from 'node:path'
import { expect, it } from 'vitest'
import { resolvePaths } from '../../../src/config/paths.ts'

it('a relative folder is meant from where the command runs, so that every process of the stack finds it', () => {
  const paths = resolvePaths({ FND_STATE_DIR: 'state', FND_CACHE_DIR: '../cache' }, '/home/ada/project')
  expect(paths.stack('fnd')).toBe('/home/ada/project/state/stacks/fnd')
  expect(paths.cache).toBe('/home/ada/cache')
})

it('an empty variable counts as unset', () => {
  const usual = resolvePaths({}, '/somewhere')
  const { state, cache } = resolvePaths({ FND_STATE_DIR: '', FND_CACHE_DIR: '' }, '/somewhere')
  expect({ state, cache }).toEqual({ state: usual.state, cache: usual.cache })
  expect(isAbsolute(state)).toBe(true)
})
