// The normalisers `news-v1` and `news-v2`: what the model saw in training, reproduced to the character.
//
// It follows the semantics of Python's `re` and `html.unescape`, where the reference runs. Every pattern is written
// for JavaScript's `u` flag: `\w`, `\s`, `\b` and case folding differ between the two languages, hence the classes below.

import { decodeHTML } from 'entities'
import { undisguised } from './disguise.ts'

/** How a bundle may want its texts cleaned. `news-v2` undoes disguises of words first, and is `news-v1` from there on. */
export const NORMALIZATIONS = ['news-v1', 'news-v2'] as const
export type Normalization = (typeof NORMALIZATIONS)[number]

/** What Python's `\s` takes and is still there once control characters are gone. */
const S = '[\\s\\x85]'
const NOT_S = '[^\\s\\x85]'
/** Python's `\w`. */
const W = '[\\p{L}\\p{N}_]'
const WORD_START = `(?<!${W})(?=${W})`
const WORD_END = `(?<=${W})(?!${W})`

/** Python folds the dotted capital and the dotless small i onto i; JavaScript does not. */
const anyCase = (source: string, flags = ''): RegExp =>
  new RegExp(source.replace(/(?<!\\)i/gi, '[i\u0130\u0131]'), `iu${flags}`)

const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff\ufffd]/gu
/** The C1 controls, which `news-v1` lets through. */
const LATER_CONTROL = /[\u0080-\u009f]/gu
const URL_LIKE = anyCase(
  `(?:https?://|www\\.)${NOT_S}+|${WORD_START}(?:pic\\.twitter\\.com|t\\.co|bit\\.ly)/${NOT_S}+`,
  'g',
)
const MEDIA_TAG = anyCase(
  `\\[${S}*(?:video|watch|images?|tweets?|photos?|details)${S}*\\]|` +
    `\\(${S}*(?:video|watch|images?|tweets?|photos?|details|video/transcript)${S}*\\)`,
  'g',
)
/** "WASHINGTON (Reuters) - " at the start of an agency's article: a label of the source, not of its truth. */
const DATELINE = anyCase(
  `^${S}*(?:[A-Z\u0130\u0131][\\p{L}\\p{N}_.,/'\u2019 \\-]{0,60})?` +
    `\\(${S}*(?:Reuters|AP|AFP|CNN|UPI|Associated Press|Thomson Reuters Foundation)[^)]{0,40}\\)` +
    `${S}*(?:[-\u2013\u2014:]+${S}*)?`,
)
const AGENCY = anyCase(`\\(${S}*(?:Reuters|AP|AFP|CNN|UPI)${S}*\\)`, 'g')
const REUTERS = anyCase(`${WORD_START}(?:thomson${S}+)?reuters${WORD_END}`, 'g')
const CREDIT_SOURCE = '(?:getty images|getty|youtube|twitter|screenshot|wikimedia|flickr)'
const CREDIT = anyCase(
  `(?:featured image|photo(?:s)?|image(?:s)?|screen ?(?:shot|capture|grab)|via:?)${S}*` +
    `(?:via|by|credit|courtesy)?(?::|${S})[^.]{0,80}${CREDIT_SOURCE}[^.]{0,30}\\.?`,
  'g',
)
const HAS_CREDIT_SOURCE = anyCase(CREDIT_SOURCE)
const APOSTROPHE = /[\u2019\u2018\u02bc`\u00b4]/gu
const QUOTES = /["\u201c\u201d\u201e\u00ab\u00bb]+|``|''/gu
const BROKEN_NOT = anyCase(
  `${WORD_START}(don|doesn|didn|isn|aren|wasn|weren|haven|hasn|hadn|wouldn|couldn|shouldn|won|ain|can|mustn|needn) t${WORD_END}`,
  'g',
)
const BROKEN_SUFFIX = new RegExp(`${WORD_START}([A-Za-z]{2,}) (s|re|ve|ll) (?=[a-z])`, 'gu')
const SPACES = new RegExp(`${S}+`, 'gu')

/** UTF-8 that was read as Windows-1252 somewhere on its way, in the reference's order. */
const MOJIBAKE: readonly (readonly [string, string])[] = [
  ['\u00e2\u20ac\u2122', "'"],
  ['\u00e2\u20ac\u02dc', "'"],
  ['\u00e2\u20ac\u0153', '"'],
  ['\u00e2\u20ac\u009d', '"'],
  ['\u00e2\u20ac\ufffd', '"'],
  ['\u00e2\u20ac\u201c', '-'],
  ['\u00e2\u20ac\u201d', '-'],
  ['\u00e2\u20ac\u00a6', '...'],
  ['\u00e2\u20ac', '"'],
  ['\u00c2 ', ' '],
  ['\u00c2', ''],
]

/**
 * The text as the model reads it: mojibake mended, entities decoded twice, NFKC, control characters, tags, URLs, agency
 * names and credit lines removed, quotes and apostrophes folded, white space folded.
 */
export function clean(raw: string, normalization: Normalization): string {
  let text = raw
  if (text.includes('\u00e2\u20ac') || text.includes('\u00c2'))
    for (const [broken, mended] of MOJIBAKE) text = text.replaceAll(broken, mended)
  text = unescapeHtml(unescapeHtml(text)).normalize('NFKC')
  if (normalization === 'news-v2') text = undisguised(text).replace(LATER_CONTROL, ' ')
  text = removeTags(text.replace(CONTROL, ' '))
    .replace(URL_LIKE, ' ')
    .replace(MEDIA_TAG, ' ')
    .replace(DATELINE, '')
    .replace(AGENCY, ' ')
    .replace(REUTERS, ' ')
  if (HAS_CREDIT_SOURCE.test(text)) text = text.replace(CREDIT, ' ')
  return text
    .replace(APOSTROPHE, "'")
    .replace(QUOTES, ' ')
    .replace(BROKEN_NOT, "$1't")
    .replace(BROKEN_SUFFIX, "$1'$2 ")
    .replace(SPACES, ' ')
    .replace(/^ | $/g, '')
}

/** Length in characters (code points), as people count and as the limits mean it. */
export function characters(text: string): number {
  let count = text.length
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) count--
  }
  return count
}

const REFERENCE = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu

/** Python's `html.unescape`: the HTML 5 names and repairs, except that code points HTML calls invalid vanish. */
function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (all, name: string) => (name[0] === '#' ? numeric(name) : decodeHTML(all)))
}

function numeric(name: string): string {
  const hex = name[1] === 'x' || name[1] === 'X'
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
  if (code === 0x0d) return '\r'
  if (code === 0 || (code >= 0x80 && code <= 0x9f)) return decodeHTML(`&#${code};`)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  return isInvalid(code) ? '' : String.fromCodePoint(code)
}

const isInvalid = (code: number): boolean =>
  (code >= 0x1 && code <= 0x8) ||
  code === 0xb ||
  (code >= 0xe && code <= 0x1f) ||
  code === 0x7f ||
  (code >= 0xfdd0 && code <= 0xfdef) ||
  (code & 0xfffe) === 0xfffe

/** `<[^>]{1,200}>` by hand: as a pattern it takes 200 steps for every `<` of a hostile text. */
function removeTags(text: string): string {
  let out = ''
  let from = 0
  let close = -1
  for (let open = text.indexOf('<'); open >= 0; open = text.indexOf('<', open)) {
    if (close <= open) {
      close = text.indexOf('>', open)
      if (close < 0) break
    }
    const units = close - open - 1
    if (units >= 1 && (units <= 200 || (units <= 400 && characters(text.slice(open + 1, close)) <= 200))) {
      out += `${text.slice(from, open)} `
      from = close + 1
      open = from
    } else open++
  }
  return out + text.slice(from)
}
