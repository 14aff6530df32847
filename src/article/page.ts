// Fetches one web page within limits: public addresses, few redirects, bounded size and time, text only.

import { Agent, fetch, type Response } from 'undici'
import { FndError, isFndError, messageOf } from '../errors/error.ts'
import { decodePage } from './charset.ts'
import { type NotPublic, publicOnlyConnector, type Resolve } from './public-address.ts'

export interface PageLimits {
  /** Lets private, loopback and link-local addresses be fetched. */
  allowPrivate: boolean
  /** Longest time for the whole fetch, redirects included, in milliseconds. */
  timeoutMs?: number
  /** Largest page after decompression, in bytes. */
  maxBytes?: number
  maxRedirects?: number
  /** Stand in for DNS and for the public internet in tests. */
  resolve?: Resolve
  notPublic?: NotPublic
}

export interface Page {
  /** Where it was found, after redirects. */
  url: string
  kind: 'html' | 'text'
  body: string
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const KINDS: Readonly<Record<string, Page['kind']>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'text/plain': 'text',
}

/**
 * Fetches a page over http or https.
 *
 * @throws FndError FND_USAGE for what is no web address, FND_ADDRESS_REFUSED, FND_PAGE_UNREACHABLE, FND_PAGE_UNUSABLE.
 *   An aborted signal throws its AbortError.
 */
export async function fetchPage(address: string, limits: PageLimits, signal: AbortSignal): Promise<Page> {
  const { timeoutMs = 15_000, maxBytes = 5_000_000, maxRedirects = 5 } = limits
  const deadline = AbortSignal.timeout(timeoutMs)
  const agent = new Agent({
    connect: limits.allowPrivate ? { timeout: timeoutMs } : publicOnlyConnector(timeoutMs, limits),
  })
  let url = pageAddress(address)
  try {
    for (let redirects = 0; ; redirects += 1) {
      const response = await fetch(url, {
        dispatcher: agent,
        redirect: 'manual',
        signal: AbortSignal.any([signal, deadline]),
        headers: { accept: 'text/html, application/xhtml+xml, text/plain;q=0.9', 'user-agent': 'fnd' },
      })
      const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null
      if (location === null) return await readPage(url, response, maxBytes)
      await response.body?.cancel()
      if (redirects >= maxRedirects)
        throw new FndError('FND_PAGE_UNREACHABLE', {
          url: address,
          why: `it was redirected more than ${maxRedirects} times`,
        })
      url = redirectedTo(location, url)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw explained(error, url.href, deadline.aborted ? timeoutMs : undefined)
  } finally {
    await agent.destroy()
  }
}

/** The address of a page that somebody named. @throws FndError FND_USAGE for what is no web address. */
export function pageAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const problem = problemOf(url)
  if (!url || problem)
    throw new FndError('FND_USAGE', { problem: `'${text}' ${problem}`, command: 'predict' })
  return url
}

function redirectedTo(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const problem = problemOf(url)
  if (!url || problem)
    throw new FndError('FND_PAGE_UNREACHABLE', {
      url: from.href,
      why: `it was redirected to an address that ${problem}`,
    })
  return url
}

/** Why an address is not fetched; undefined when it may be. */
function problemOf(url: URL | undefined): string | undefined {
  if (!url || !['http:', 'https:'].includes(url.protocol))
    return 'is not a web address: it must start with http:// or https://'
  if (url.username || url.password) return 'holds a user name or password'
  return undefined
}

async function readPage(url: URL, response: Response, maxBytes: number): Promise<Page> {
  if (!response.ok)
    throw new FndError('FND_PAGE_UNREACHABLE', {
      url: url.href,
      why: `the server answered ${response.status} ${response.statusText}`.trim(),
    })
  const contentType = response.headers.get('content-type') ?? 'text/html'
  const media = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const kind = KINDS[media]
  if (!kind)
    throw new FndError('FND_PAGE_UNUSABLE', {
      url: url.href,
      why: `it is ${media}, not a page of text`,
    })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk
    size += bytes.byteLength
    if (size > maxBytes)
      throw new FndError('FND_PAGE_UNUSABLE', {
        url: url.href,
        why: `it is larger than ${maxBytes / 1_000_000} MB`,
      })
    chunks.push(bytes)
  }
  return { url: url.href, kind, body: decodePage(Buffer.concat(chunks), contentType) }
}

/** Our own error where it stands in the chain of causes, else why the page could not be had. */
function explained(error: unknown, url: string, timedOutAfterMs: number | undefined): FndError {
  for (let at = error; at instanceof Error; at = at.cause) if (isFndError(at)) return at
  if (timedOutAfterMs !== undefined)
    return new FndError(
      'FND_PAGE_UNREACHABLE',
      { url, why: `no answer within ${timedOutAfterMs / 1000} s` },
      { cause: error },
    )
  return new FndError('FND_PAGE_UNREACHABLE', { url, why: messageOf(error) }, { cause: error })
}
