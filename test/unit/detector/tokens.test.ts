import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTokens } from '../../../src/detector/tokens.ts'
import { baseModel } from '../../support/bundle.ts'
import { fixtures } from './fixtures.ts'

const tokens = await loadTokens(join(baseModel, 'tokenizer.json'))

test.each(fixtures)('the ids of $normalized are the reference’s', ({ normalized, ids }) => {
  const framed = tokens.framed(tokens.body(normalized))
  // The reference cuts at 256 tokens, the last of which is [SEP].
  const cut = framed.length > 256 ? [...framed.slice(0, 255), ...framed.slice(-1)] : framed
  expect(cut).toEqual(ids)
})
