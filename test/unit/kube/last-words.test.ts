// What a pod that is not ready is said to wait for: its own last words, not that a probe failed.

import { expect, it } from 'vitest'
import { inItsWords, lastWords } from '../../../src/kube/last-words.ts'
import { memoryCluster } from './memory-cluster.ts'

const line = (level: string, msg: string, more: object = {}) => JSON.stringify({ level, msg, ...more })
const AWAY = line('error', 'no model yet', {
  error: { code: 'X', message: 'The model registry does not answer' },
})

it('are the last trouble that it logged', () => {
  const log = [line('info', 'listening'), AWAY, line('debug', 'a probe')].join('\n')
  expect(lastWords(log)).toBe('no model yet: The model registry does not answer')
})

it('are the error that it ended with, as fnd prints it', () => {
  const log = `${line('info', 'listening')}\n× There is no alias 'x' [FND_ALIAS_UNKNOWN]\n  mend  Choose another.\n`
  expect(lastWords(log)).toBe("There is no alias 'x' [FND_ALIAS_UNKNOWN]")
})

it('are that it fetches and loads, while it does; and nothing once it was ready', () => {
  const fetching = `${AWAY}\n${line('info', 'fetching', { model: 'fnd 2' })}`
  expect(lastWords(fetching)).toBe('fetching the model fnd 2')
  const fetched = `${fetching}\n${line('info', 'fetched', { model: 'fnd 2' })}`
  expect(lastWords(fetched)).toBe('loading the model fnd 2')
  expect(lastWords(`${AWAY}\n${line('info', 'ready')}`)).toBeUndefined()
  expect(lastWords('ts=1 level=error msg="of another program"\nnull\n')).toBeUndefined()
})

it('take the place of a failing probe, only where the pod runs and waits', async () => {
  const { client } = memoryCluster([])
  const talking = {
    ...client,
    async *logs() {
      yield AWAY
    },
  }
  const waiting = { pod: 'p', state: 'waiting', reason: 'failing probe: 503' } as const
  const log = { container: 'backend', previous: false }
  expect((await inItsWords(talking, 'ns', { ...waiting, log })).reason).toContain('The model registry')
  expect(await inItsWords(talking, 'ns', waiting)).toBe(waiting)
  // A log that cannot be read costs nothing.
  expect(await inItsWords(client, 'ns', { ...waiting, log })).toMatchObject(waiting)
})
