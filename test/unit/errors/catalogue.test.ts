import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERRORS } from '../../../src/errors/catalogue.ts'
import { FndError, isFndError, messageOf, reportOf, toFndError } from '../../../src/errors/error.ts'

describe('the catalogue of errors', () => {
  it.each(Object.entries(ERRORS))('%s has a code, a meaning and an exit code other than 0', (code, entry) => {
    expect(code).toMatch(/^FND_[A-Z]+(_[A-Z0-9]+)*$/)
    expect(entry.summary).toMatch(/^[A-Z].*\.$/)
    expect([1, 2, 3, 4, 5, 130]).toContain(entry.exit)
  })
})

describe('FndError', () => {
  it('says what happened, why, and what mends it', () => {
    const error = new FndError(
      'FND_FILE_UNREADABLE',
      { path: 'a.txt', why: 'it does not exist' },
      { cause: new Error('ENOENT', { cause: new Error('no such inode') }) },
    )
    expect(reportOf(error)).toEqual({
      code: 'FND_FILE_UNREADABLE',
      message: 'Cannot read a.txt: it does not exist',
      cause: 'ENOENT: no such inode',
      hint: 'Check the path and its permissions.',
    })
    expect(isFndError(error, 'FND_FILE_UNREADABLE')).toBe(true)
    expect(isFndError(error, 'FND_TIMEOUT')).toBe(false)
  })

  it('takes an abort for an interruption and the unknown for a defect', () => {
    expect(toFndError(AbortSignal.abort().reason)).toMatchObject({ code: 'FND_INTERRUPTED', exit: 130 })
    expect(toFndError(new TypeError('x is undefined'))).toMatchObject({ code: 'FND_INTERNAL', exit: 1 })
  })

  it('tells a cause that was drawn over several lines in one', () => {
    const cause = new Error('not closed at line 1:\n\nports: [1\n        ^\n')
    expect(reportOf(new FndError('FND_INTERNAL', { what: 'x' }, { cause })).cause).toBe(
      'not closed at line 1: ports: [1 ^',
    )
  })

  it('ends on a chain of causes that bites its own tail', () => {
    const a = new Error('a')
    a.cause = new Error('b', { cause: a })
    expect(reportOf(new FndError('FND_INTERNAL', { what: 'x' }, { cause: a })).cause).toBe('a: b')
  })
})

describe('what the system throws is told by its meaning', () => {
  const server = createServer(() => {})
  let silent: string
  let nobody: string
  beforeAll(async () => {
    const address = async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    }
    nobody = await address()
    await once(server.close(), 'close')
    silent = await address()
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  it.each<[string, () => Promise<unknown>, string | RegExp]>([
    ['a file that is not there', () => readFile('/no/such/file'), 'it does not exist'],
    ['a folder where a file was meant', () => readFile('/'), 'it is a folder'],
    ['a program that is not there', () => once(spawn('/no/such'), 'spawn'), 'there is no program /no/such'],
    ['a port without a server', () => fetch(nobody), 'nothing listens there (ECONNREFUSED)'],
    ['a name that nobody has', () => fetch('http://nobody.invalid/'), /^its name .* \(E[A-Z_]+\)$/],
    ['a deadline', () => fetch(silent, { signal: AbortSignal.timeout(50) }), 'no answer in time'],
    ['anything else', () => Promise.reject(new Error('as it says')), 'as it says'],
  ])('%s', async (_, fail, meaning) => {
    const error = await fail().catch((thrown: unknown) => thrown)
    expect(messageOf(error)).toMatch(meaning)
  })
})
