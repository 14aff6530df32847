import { describe, expect, it } from 'vitest'
import { ERRORS } from '../../../src/errors/catalogue.ts'
import { FndError, isFndError, reportOf, toFndError } from '../../../src/errors/error.ts'

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

  it('ends on a chain of causes that bites its own tail', () => {
    const a = new Error('a')
    a.cause = new Error('b', { cause: a })
    expect(reportOf(new FndError('FND_INTERNAL', { what: 'x' }, { cause: a })).cause).toBe('a: b')
  })
})
