import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { characters, clean, NORMALIZATIONS } from '../../../src/detector/clean.ts'
import { disguised, fixtures } from './fixtures.ts'

test.each(fixtures)('news-v1 reproduces the reference on $raw', ({ raw, normalized }) => {
  expect(clean(raw, 'news-v1')).toBe(normalized)
})

describe.each(NORMALIZATIONS)('%s', (normalization) => {
  test.each(disguised)('reproduces the reference on $raw', ({ raw, [normalization]: cleaned }) => {
    expect(clean(raw, normalization)).toBe(cleaned)
  })
})

test.each([
  ['WASHINGTON (Reuters) - The bill passed.', 'The bill passed.'],
  ['The <b>bill</b> passed, see https://example.org/a?b=c today', 'The bill passed, see today'],
  ['&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; claim', 'Bold claim'],
  ['He doesn t know; they ll say', "He doesn't know; they'll say"],
  ['Itâ€™s here', "It's here"],
  ['Look [VIDEO] at this', 'Look at this'],
  ['The end. Featured image via Getty Images.', 'The end.'],
  ['a\u200bb\u0000c\u2028d', 'a b c d'],
  ['AT&T &copy 2020 &notit; &#x1F600; &#128; &#1;x', 'AT&T © 2020 ¬it; 😀 € x'],
])('cleans %j', (raw, cleaned) => {
  expect(clean(raw, 'news-v1')).toBe(cleaned)
})

test('news-v2 is news-v1 for a text without a word in disguise', () => {
  for (const { raw, normalized } of fixtures)
    if (!/[\p{L}\p{N}_][\u00ad\u200b-\u200f\u2060\ufeff]/u.test(raw))
      expect(clean(raw, 'news-v2')).toBe(normalized)
})

/** Pieces that the patterns care about, glued in every order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '&amp;',
        '&#',
        '(Reuters)',
        'via ',
        'getty',
        'http://',
        '[ video ]',
        " don t's ",
      ),
      fc.constantFrom(
        '\u0085',
        '\ufeff',
        '\ud800',
        '\u0130',
        '"',
        "''",
        '\u2019',
        'Â ',
        '\u200b',
        '\u0430',
        '\u03bf',
        'â€',
        '\n',
        '.',
        '😀',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

// As the reference of news-v1 does, which lets the C1 controls through (but for U+0085, a space to it).
const LEFT = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be gone
  'news-v1': /\s\s|^\s|\s$|["\u0000-\u001f\u007f\u0085\u200b\ufeff]/u,
  'news-v2': /\s\s|^\s|\s$|["\p{Cc}\u200b\ufeff]/u,
}

test.each(NORMALIZATIONS)('%s takes the C1 controls as it is documented to', (normalization) => {
  expect(clean('a\u0080b', normalization)).toBe(normalization === 'news-v1' ? 'a\u0080b' : 'a b')
})

test('never throws; white space is folded; no control character and no double quote is left', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...NORMALIZATIONS), (raw, normalization) => {
      const text = clean(raw, normalization)
      expect(text).not.toMatch(LEFT[normalization])
    }),
  )
})

test('plain sentences stay as they are, however often they are cleaned', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('The', 'city', 'council', 'met', '12', 'times.'), { minLength: 1 }),
      (words) => {
        const text = words.join(' ')
        for (const normalization of NORMALIZATIONS) expect(clean(text, normalization)).toBe(text)
      },
    ),
  )
})

test('cleaning grows a text by no more than the widest compatibility character does', () => {
  fc.assert(fc.property(hostile, (raw) => clean(raw, 'news-v2').length <= raw.length * 18))
})

test('characters are code points', () => {
  expect(characters('a😀b')).toBe(3)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => characters(text) === [...text].length))
})
