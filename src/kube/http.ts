// How requests reach the API server: over connections that are kept. The client's own way makes one, TLS and all, for each.

import { type Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type * as k8s from '@kubernetes/client-node'

const MOST_CONNECTIONS = 8
/** Shorter than the API server's own, which would close a connection that is about to be used. */
const IDLE_MS = 30_000

/** What the generated client sends its requests with; each ends with the signal that `signal()` gives for it. */
export function keptConnections(library: typeof k8s, signal: () => AbortSignal): k8s.HttpLibrary {
  let agent: Agent | undefined
  return library.wrapHttpLibrary({
    send: async (request) => {
      const given = request.getAgent()
      // Only a plain agent can be made anew: behind a proxy, the client's own is needed.
      if (given && Object.getPrototypeOf(given) === Agent.prototype && given instanceof Agent)
        agent ??= new Agent({
          ...given.options,
          keepAlive: true,
          maxSockets: MOST_CONNECTIONS,
          timeout: IDLE_MS,
        })
      const response = await answered(request, agent ?? given, signal())
      const body = await text(response)
      const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const)
      return new library.ResponseContext(response.statusCode ?? 0, Object.fromEntries(headers), {
        text: async () => body,
        binary: async () => Buffer.from(body),
      })
    },
  })
}

function answered(
  request: k8s.RequestContext,
  agent: HttpAgent | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(request.getUrl())
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    const options = { method: request.getHttpMethod(), headers: request.getHeaders(), agent, signal }
    const call = send(url, options, resolve)
    call.on('error', (error) => {
      // The server has closed a kept connection just as it was used again; it has not seen the request.
      const stale = call.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (stale) answered(request, agent, signal).then(resolve, reject)
      // Why it ended (a time-out, Ctrl-C), where Node only says that it was aborted.
      else reject(signal.aborted ? signal.reason : error)
    })
    const body = request.getBody()
    call.end(typeof body === 'string' ? body : undefined)
  })
}
