// Addresses of models: what is read, and what is refused with its reason.

import { describe, expect, it } from 'vitest'
import { addressText, parseAddress, parseModel, parseReference } from '../../../src/registry/address.ts'

describe('an address', () => {
  it.each([
    ['s3://bucket/name', { bucket: 'bucket', root: 'name', name: 'name' }],
    ['s3://bucket/a/b/name@1.2.0', { bucket: 'bucket', root: 'a/b/name', name: 'name', version: '1.2.0' }],
    [
      's3://bucket/a/name#production',
      { bucket: 'bucket', root: 'a/name', name: 'name', alias: 'production' },
    ],
  ])('%s is read, and written the same', (text, parts) => {
    expect(parseAddress(text)).toEqual(parts)
    expect(addressText(parts)).toBe(text)
  })

  it.each([
    ['s3://bucket', 'not of the form'],
    ['s3://bucket/', 'name is missing'],
    ['s3://UPPER/name', "'UPPER' is not a bucket's name"],
    ['s3://bucket/../name', "'..' is not a plain name"],
    ['s3://bucket/name@../../x', "'@../../x' names no version"],
    ['s3://bucket/name#', "'#' names no alias"],
    ['https://bucket/name', 'not of the form'],
  ])('%s is refused: %s', (text, problem) => {
    expect(() => parseAddress(text)).toThrow(problem)
  })

  it.each(['s3://bucket/name@1', 's3://bucket/name#production'])('%s is no model as a whole', (text) => {
    expect(() => parseModel(text)).toThrow('only the model is named here: s3://bucket/name')
  })

  it('that names neither version nor alias is no reference', () => {
    expect(() => parseReference('s3://bucket/name')).toThrow('neither a version')
  })
})
