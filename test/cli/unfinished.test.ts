// A command whose work runs out while it still waits: Node.js would end with 0 and say nothing.

import { expect, it } from 'vitest'
import { emptyHome } from '../support/program.ts'

/** Requests that are never answered, and that keep no process alive. */
const NO_ANSWER = 'data:text/javascript,globalThis.fetch = () => new Promise(() => {})'

it('ends with 1 and says so, as text and as JSON', async () => {
  using home = emptyHome()
  const env = { NODE_OPTIONS: `--import "${NO_ANSWER}"` }
  const health = ['health', '--prometheus', 'http://127.0.0.1:1']
  const text = await home.fnd(health, { env })
  expect(text).toMatchObject({ code: 1, stdout: '' })
  expect(text.stderr).toContain('[FND_UNFINISHED]')
  const json = await home.fnd([...health, '--json'], { env })
  expect([json.code, JSON.parse(json.stdout).error.code]).toEqual([1, 'FND_UNFINISHED'])
})
