import { describe, expect, it } from 'vitest'
import { type Check, runGroup } from '../../../src/checks/check.ts'
import { FndError } from '../../../src/errors/error.ts'
import { collect } from '../../support/collect.ts'

const check = (title: string, look: Check['look'], fatal = false): Check => ({
  title,
  look,
  fatal,
  mend: `mend ${title}`,
})
const results = (checks: Check[], signal = new AbortController().signal) =>
  collect(runGroup({ name: 'group', checks }, signal))

describe('a group of checks', () => {
  it('gives one result each, in order, with what was seen', async () => {
    expect(
      await results([
        check('one', async () => ({ detail: 'seen' })),
        check('two', async () => ({ outcome: 'warn', detail: 'late' })),
      ]),
    ).toEqual([
      { group: 'group', title: 'one', outcome: 'pass', detail: 'seen' },
      { group: 'group', title: 'two', outcome: 'warn', detail: 'late', mend: 'mend two' },
    ])
  })

  it('takes the mending command from the error where it has one', async () => {
    const taken = new FndError('FND_STACK_ABSENT', { name: 'fnd' })
    const [plain, own] = await results([
      check('plain', () => Promise.reject(new Error('broken pipe'))),
      check('own', () => Promise.reject(taken)),
    ])
    expect(plain).toMatchObject({ outcome: 'fail', detail: 'broken pipe', mend: 'mend plain' })
    expect(own).toMatchObject({ outcome: 'fail', detail: taken.message, mend: taken.hint })
  })

  it('skips what follows a fatal failure, and only that', async () => {
    const fail = () => Promise.reject(new Error('no'))
    const pass = async () => ({})
    expect(
      (await results([check('a', fail), check('b', pass), check('c', fail, true), check('d', pass)])).map(
        (r) => r.outcome,
      ),
    ).toEqual(['fail', 'pass', 'fail', 'skip'])
  })

  it('ends with the abort, not with a failed check', async () => {
    const stop = new AbortController()
    const stuck = check('stuck', async (signal) => {
      stop.abort()
      signal.throwIfAborted()
      return {}
    })
    await expect(results([stuck], stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})
