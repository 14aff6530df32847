// The log of one container, line by line, as the API server gives it.
//
// The client's own Log ends with an error that hides the server's reason, takes a tail of 0 lines for all of them, and can
// be told neither when to give up nor to end.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import { createInterface } from 'node:readline'
import type { KubeConfig } from '@kubernetes/client-node'
import type { KubeRef } from './object.ts'

export interface LogOptions {
  follow?: boolean
  tail?: number
  /** Lines of the container that ran before this one. */
  previous?: boolean
  /** Only what is younger than this RFC 3339 time, to the second. */
  since?: string
  /** Each line begins with its RFC 3339 time and a space. */
  timestamps?: boolean
}

/** Longest wait for the server to begin its answer. */
const OPENING_MS = 15_000

/** An answer other than 200; shaped as the client's own, so that it is explained alike. */
class LogRefused extends Error {
  readonly code: number
  readonly body: string

  constructor(code: number, body: string) {
    super(`the log request was answered with ${code}`)
    this.code = code
    this.body = body
  }
}

/** @throws Error with the server's answer, or without one when there was none in time; AbortError. */
export async function* logStream(
  config: KubeConfig,
  { metadata: { namespace = 'default', name } }: KubeRef,
  container: string,
  { follow, tail, previous, since, timestamps }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const server = config.getCurrentCluster()?.server ?? ''
  const url = new URL(`${server}/api/v1/namespaces/${namespace}/pods/${name}/log`)
  const query = { container, follow, previous, tailLines: tail, sinceTime: since, timestamps }
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(key, String(value))
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const ended = new AbortController()
  const response = await opened(url, options, AbortSignal.any([signal, ended.signal]))
  // Its end is seen by whoever reads it; after that nobody listens.
  response.on('error', () => {})
  try {
    if (response.statusCode !== 200) {
      let body = ''
      for await (const chunk of response) body += String(chunk)
      throw new LogRefused(response.statusCode ?? 0, body)
    }
    yield* createInterface({ input: response })
  } catch (error) {
    // What the end of the request does to the stream is no error of the log's.
    if (!signal.aborted) throw error
  } finally {
    ended.abort()
    response.destroy()
  }
}

function opened(url: URL, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    const call = send(url, { ...options, signal }, (response) => {
      clearTimeout(late)
      resolve(response)
    })
    const late = setTimeout(
      () => call.destroy(new Error(`no answer to a log request within ${OPENING_MS / 1000} s`)),
      OPENING_MS,
    )
    call.on('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    call.end()
  })
}
