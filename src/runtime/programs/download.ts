// Downloads one file: resumes what is there, notices a cut-off body, and keeps nothing that does not match its SHA-256.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EnvHttpProxyAgent, fetch, type Response } from 'undici'
import { FndError, isFndError, messageOf } from '../../errors/error.ts'

export interface DownloadRequest {
  url: string
  /** Address of the publisher's SHA-256 file. */
  checksums: string
  /** Where the file goes, once it is whole and verified; `<to>.part` holds it until then. */
  to: string
  env: NodeJS.ProcessEnv
  signal: AbortSignal
  /** Bytes so far and in all, as far as the server says. */
  onProgress?: (done: number, total: number | undefined) => void
}

const CONNECT_MS = 4000
const HEADERS_MS = 15_000
const SILENCE_MS = 30_000
const ATTEMPTS = 3
const SHA256 = /^[0-9a-f]{64}$/i

/**
 * Leaves the verified file at `to`. An interrupted download is taken up where it ended, now or in the next run.
 *
 * @throws FndError FND_DOWNLOAD_FAILED, FND_CHECKSUM_MISMATCH; AbortError.
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { env, to, signal } = request
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  const http = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: HEADERS_MS,
    bodyTimeout: SILENCE_MS,
    ...proxyOf(env),
  })
  try {
    const expected = await publishedHash(http, request)
    const part = `${to}.part`
    const resumed = (await sizeOf(part)) > 0
    await fetchWhole(http, request, part)
    let found = await sha256(part, signal)
    if (found !== expected && resumed) {
      // What lay there may have been the beginning of something else.
      await rm(part, { force: true })
      await fetchWhole(http, request, part)
      found = await sha256(part, signal)
    }
    if (found !== expected) {
      await rm(part, { force: true })
      throw new FndError('FND_CHECKSUM_MISMATCH', { url: request.url, expected, found })
    }
    await rename(part, to)
  } finally {
    await http.destroy()
  }
}

async function fetchWhole(
  http: EnvHttpProxyAgent,
  { url, signal, onProgress }: DownloadRequest,
  part: string,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchRest(http, url, part, signal, onProgress)
    } catch (error) {
      signal.throwIfAborted()
      const cut = error instanceof CutOff
      if (!cut || attempt === ATTEMPTS) throw failed(url, error)
    }
  }
}

/** The body ended before its announced length: worth another attempt from there. */
class CutOff extends Error {}

async function fetchRest(
  http: EnvHttpProxyAgent,
  url: string,
  part: string,
  signal: AbortSignal,
  onProgress: DownloadRequest['onProgress'],
): Promise<void> {
  const have = await sizeOf(part)
  const response = await get(http, url, signal, have ? { range: `bytes=${have}-` } : {})
  if (response.status === 416) {
    await response.body?.cancel()
    // Nothing lies behind what is there: it is whole, or it is something else; the hash will tell.
    return
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new Error(`the server answered ${response.status}`)
  }
  const goesOn = response.status === 206
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  let done = goesOn ? have : 0
  const total = Number.isNaN(length) ? undefined : done + length
  const file = await open(part, goesOn ? 'a' : 'w', 0o600)
  try {
    for await (const chunk of response.body) {
      await file.appendFile(chunk).catch((cause: unknown) => {
        throw new FndError('FND_FILE_UNWRITABLE', { path: part, why: messageOf(cause) }, { cause })
      })
      done += chunk.byteLength
      onProgress?.(done, total)
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (isFndError(cause)) throw cause
    throw new CutOff(`the connection broke after ${done} bytes: ${messageOf(cause)}`)
  } finally {
    await file.close()
  }
  if (total !== undefined && done !== total) throw new CutOff(`${done} of ${total} bytes came`)
}

async function publishedHash(http: EnvHttpProxyAgent, request: DownloadRequest): Promise<string> {
  const { checksums, url, signal } = request
  let text: string
  try {
    const response = await get(http, checksums, signal, {})
    text = await response.text()
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
  } catch (error) {
    signal.throwIfAborted()
    throw failed(checksums, error)
  }
  const file = basename(new URL(url).pathname)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
  const hash =
    lines.find(([, name]) => name === file)?.[0] ?? (lines.length === 1 ? lines[0]?.[0] : undefined)
  if (!hash || !SHA256.test(hash)) throw failed(checksums, new Error(`it names no SHA-256 of ${file}`))
  return hash.toLowerCase()
}

function get(
  http: EnvHttpProxyAgent,
  url: string,
  signal: AbortSignal,
  headers: Record<string, string>,
): Promise<Response> {
  // `identity`: a byte range of a compressed body would mean nothing.
  return fetch(url, { dispatcher: http, signal, headers: { 'accept-encoding': 'identity', ...headers } })
}

async function sha256(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0
}

function proxyOf(env: NodeJS.ProcessEnv): { httpProxy?: string; httpsProxy?: string; noProxy?: string } {
  const httpProxy = env.http_proxy ?? env.HTTP_PROXY
  const httpsProxy = env.https_proxy ?? env.HTTPS_PROXY
  const noProxy = env.no_proxy ?? env.NO_PROXY
  return {
    ...(httpProxy && { httpProxy }),
    ...(httpsProxy && { httpsProxy }),
    ...(noProxy && { noProxy }),
  }
}

function failed(url: string, cause: unknown): FndError {
  return new FndError('FND_DOWNLOAD_FAILED', { url, why: messageOf(cause) }, { cause })
}
