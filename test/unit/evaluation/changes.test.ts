// Changes of texts: what each does, and that the same numbers do the same.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean } from '../../../src/detector/clean.ts'
import { PERTURBATIONS, SHORTCUTS } from '../../../src/evaluation/changes/catalogue.ts'
import { withInvisible } from '../../../src/evaluation/changes/invisible.ts'
import { withLookAlikes } from '../../../src/evaluation/changes/look-alikes.ts'
import { otherQuotes, withoutPunctuation } from '../../../src/evaluation/changes/punctuation.ts'
import { withTypos } from '../../../src/evaluation/changes/typos.ts'
import { seededRandom } from '../../../src/random.ts'

const ALL = [...PERTURBATIONS, ...SHORTCUTS]
const TEXT =
  'The council won\'t widen the quay, officials said. "It costs 3.5 million," the mayor told reporters on Tuesday. ' +
  'Residents who had hoped for a decision before the summer were disappointed; several of them left the meeting early.'
const sentences = fc
  .array(
    fc.constantFrom('mayor', 'election', 'said', 'vote', 'a', 'budget', 'Tuesday.', 'shocking', '"no"', 'I'),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((words) => words.join(' '))

describe('each change', () => {
  it.each(ALL.map((change) => [change.name, change] as const))(
    '%s does what it says',
    (_, { what, make }) => {
      // What cannot be seen is written out.
      const shown = make(TEXT, seededRandom(3)).replace(
        /[^\x20-\x7e“”‘’]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      expect(`${what}\n${shown}`).toMatchSnapshot()
    },
  )

  it('does the same with the same numbers, and alters something', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL), sentences, fc.nat(), ({ make }, text, seed) => {
        expect(make(text, seededRandom(seed))).toBe(make(text, seededRandom(seed)))
      }),
    )
    for (const { name, make } of ALL) expect(make(TEXT, seededRandom(3)), name).not.toBe(TEXT)
  })

  it('has a name of its own, which fits its column', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length)
    for (const { name } of ALL) expect(name.length).toBeLessThanOrEqual(14)
  })
})

it('a slip leaves the first letter, the number of words and most of the text alone', () => {
  fc.assert(
    fc.property(sentences, fc.nat(), (text, seed) => {
      const before = text.split(' ')
      const after = withTypos(text, seededRandom(seed)).split(' ')
      expect(after.map((word) => word[0])).toEqual(before.map((word) => word[0]))
      for (const [i, word] of after.entries())
        expect(Math.abs(word.length - (before[i]?.length ?? 0))).toBeLessThanOrEqual(1)
    }),
  )
})

it('what cannot be seen is gone after news-v2, and a space after news-v1', () => {
  const changed = withInvisible(TEXT, seededRandom(3))
  expect(clean(changed, 'news-v2')).toBe(clean(TEXT, 'news-v2'))
  expect(clean(changed, 'news-v1').split(' ').length).toBeGreaterThan(
    clean(TEXT, 'news-v1').split(' ').length,
  )
})

it('look-alikes are undone by news-v2, but for words that have none of their letters left', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const changed = clean(withLookAlikes(TEXT, seededRandom(seed)), 'news-v2').split(' ')
      for (const [i, word] of clean(TEXT, 'news-v2').split(' ').entries())
        if (/[A-Za-z]/.test(changed[i] ?? '')) expect(changed[i]).toBe(word)
    }),
  )
})

it('punctuation goes from between words, not from inside them', () => {
  expect(withoutPunctuation('“It’s 3.5 per cent,” he said — well-known (and fine)!')).toBe(
    'It’s 3.5 per cent he said well-known and fine',
  )
})

it('quotes change their make and back', () => {
  const straight = '"It\'s here," he said, "so (\'now\') go."'
  expect(otherQuotes(straight)).toBe('“It’s here,” he said, “so (‘now’) go.”')
  expect(otherQuotes(otherQuotes(straight))).toBe(straight)
})
