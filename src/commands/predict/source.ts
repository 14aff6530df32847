// Where the text of `fnd predict` comes from: words, a file, standard input or a web page.

import { FndError } from '../../errors/error.ts'
import { bytesOf, nameOf } from '../../rows/open.ts'
import type { Context } from '../command.ts'

/** Room for the longest text with its markup; --input is the way for more. */
const LARGEST_TEXT = 2_000_000

/** For whoever gave none. */
const WAYS =
  'give it as words (fnd predict "the text of an article"), with --file, --url or --input, or pipe it in'

export interface Source {
  text: string
  article?: { url: string; title?: string }
}

/** The one place that was named; standard input for `-`, and when none was named and something is piped in. */
export type Place = { kind: 'words'; text: string } | { kind: 'file' | 'input' | 'url'; at: string }

/**
 * Which place the command line names.
 *
 * @throws FndError FND_USAGE when it names none or several.
 */
export function placeOf(
  words: string,
  named: { file?: string | undefined; url?: string | undefined; input?: string | undefined },
  stdinIsTerminal: boolean,
): Place {
  const places: Place[] = []
  // A lone dash means standard input, as everywhere.
  if (words) places.push(words === '-' ? { kind: 'file', at: '-' } : { kind: 'words', text: words })
  for (const kind of ['file', 'url', 'input'] as const) {
    const at = named[kind]
    if (at !== undefined) places.push({ kind, at })
  }
  const [place] = places
  if (places.length > 1) throw usage('Give the text once: as words, with --file, with --url or with --input')
  if (place) return place
  if (stdinIsTerminal) throw usage(`There is no text to judge: ${WAYS}`)
  return { kind: 'file', at: '-' }
}

/**
 * The text at a place.
 *
 * @throws FndError FND_FILE_UNREADABLE, FND_USAGE for empty input, and as fetchArticle does.
 */
export async function readSource(
  place: Exclude<Place, { kind: 'input' }>,
  ctx: Context,
  allowPrivate: boolean,
): Promise<Source> {
  if (place.kind === 'words') return { text: place.text }
  if (place.kind === 'file') return { text: await readText(place.at, ctx) }
  const [{ fetchArticle }, { pageAddress }] = await Promise.all([
    import('../../article/article.ts'),
    import('../../article/page.ts'),
  ])
  // A step that could only fail is not begun.
  pageAddress(place.at)
  const step = ctx.out.step('Fetch the page')
  try {
    const { text, ...article } = await fetchArticle(place.at, { allowPrivate }, ctx.signal)
    step.done(article.title)
    return { text, article }
  } catch (error) {
    step.fail('failed')
    throw error
  }
}

async function readText(path: string, ctx: Context): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  const unreadable = (why: string, cause?: unknown) =>
    new FndError('FND_FILE_UNREADABLE', { path: nameOf(path), why }, { cause })
  for await (const chunk of bytesOf(path, ctx)) {
    size += chunk.length
    if (size > LARGEST_TEXT) throw unreadable('it is larger than 2 MB; --input reads files of many texts')
    chunks.push(chunk)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw unreadable('it is not text in UTF-8', cause)
  }
  if (!text.trim()) throw usage(`There is no text in ${nameOf(path)}${path === '-' ? `: ${WAYS}` : ''}`)
  return text
}

function usage(problem: string): FndError {
  return new FndError('FND_USAGE', { problem, command: 'predict' })
}
