// The text of an article behind a web address, without menus, adverts and footers.

import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import { FndError } from '../errors/error.ts'
import { fetchPage, type Page, type PageLimits } from './page.ts'

export interface Article {
  /** Where it was found, after redirects. */
  url: string
  title?: string
  /** Paragraphs, separated by empty lines. */
  text: string
}

/** Short news items are articles too; Readability's own default is 500. */
const LEAST_CHARACTERS = 200
const BLOCKS = new Set(
  'P DIV LI H1 H2 H3 H4 H5 H6 BLOCKQUOTE PRE FIGURE FIGCAPTION TR SECTION ARTICLE BR'.split(' '),
)

/**
 * Fetches a page and takes the article out of it.
 *
 * @throws FndError as fetchPage does, and FND_PAGE_UNUSABLE when the page holds no article.
 */
export async function fetchArticle(
  address: string,
  limits: PageLimits,
  signal: AbortSignal,
): Promise<Article> {
  return articleOf(await fetchPage(address, limits, signal))
}

/** The article of a fetched page; plain text is taken as it is. */
export function articleOf(page: Page): Article {
  if (page.kind === 'text') return { url: page.url, text: page.body.trim() }
  const { document } = parseHTML(page.body)
  const found = document.documentElement
    ? new Readability<string>(document, { charThreshold: LEAST_CHARACTERS, serializer: textOf }).parse()
    : null
  const text = found?.content?.trim()
  if (!text)
    throw new FndError('FND_PAGE_UNUSABLE', { url: page.url, why: 'no article text was found in it' })
  const title = found?.title?.trim()
  return { url: page.url, ...(title ? { title } : {}), text }
}

/** What textOf() needs of a DOM node. */
interface TreeNode {
  readonly nodeName: string
  readonly nodeType: number
  readonly textContent: string | null
  readonly childNodes: Iterable<TreeNode>
}

const TEXT_NODE = 3

/** textContent glues the end of a paragraph to the start of the next; here blocks end in an empty line. */
function textOf(root: TreeNode): string {
  const walk = (node: TreeNode): string => {
    if (node.nodeType === TEXT_NODE) return (node.textContent ?? '').replace(/\s+/g, ' ')
    const inner = Array.from(node.childNodes, walk).join('')
    return BLOCKS.has(node.nodeName.toUpperCase()) ? `\n${inner}\n` : inner
  }
  return walk(root)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n\n')
}
