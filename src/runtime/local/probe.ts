// One request to a component on this machine, with a deadline; the answer's status and body, or nothing.

import { request } from 'node:http'

export interface ProbeRequest {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** Milliseconds. */
  patience: number
  /** Ends the wait early; nothing stays attached to it afterwards. */
  signal?: AbortSignal
}

export interface ProbeAnswer {
  status: number
  body: string
}

/** Resolves to undefined when there is no answer in time or `signal` fires; never rejects. */
export function probe(
  url: URL,
  { method, headers, body, patience, signal }: ProbeRequest,
): Promise<ProbeAnswer | undefined> {
  return new Promise((resolve) => {
    const nothing = () => resolve(undefined)
    const call = request(
      url,
      {
        method: method ?? 'GET',
        agent: false,
        ...(signal && { signal }),
        headers: {
          connection: 'close',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
        response.on('error', nothing)
      },
    )
    const late = setTimeout(() => call.destroy(), patience)
    call.on('error', nothing).on('close', () => {
      clearTimeout(late)
      nothing()
    })
    call.end(body)
  })
}
