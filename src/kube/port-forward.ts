// A port on 127.0.0.1 that leads to a service's pods through the API server; every connection goes to a pod that is ready then.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { FndError, messageOf } from '../errors/error.ts'
import type { KubeClient } from './client.ts'
import type { KubeRef } from './object.ts'
import { readyPods } from './pods.ts'

export interface PortForwardTarget {
  namespace: string
  /** Label selector of the pods. */
  labels: string
  /** Port of the container. */
  port: number
}

export interface OpenPort extends AsyncDisposable {
  readonly url: URL
}

const PATIENCE_MS = 15_000
const RETRY_MS = 250

/**
 * Opens a free port. A connection ends with its pod, the next one finds another pod:
 * a client that reconnects does not notice that a pod has moved.
 */
export async function openPort(
  client: KubeClient,
  target: PortForwardTarget,
  signal: AbortSignal,
): Promise<OpenPort> {
  const closing = new AbortController()
  const either = AbortSignal.any([signal, closing.signal])
  const sockets = new Set<Socket>()
  let turn = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const choose = (pods: readonly KubeRef[]) => pods[turn++ % pods.length]
    join(client, target, socket, choose, either).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  try {
    await once(server, 'listening', { signal })
  } catch (cause) {
    server.close()
    signal.throwIfAborted()
    throw new FndError('FND_INTERNAL', { what: messageOf(cause) }, { cause })
  }
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    [Symbol.asyncDispose]: async () => {
      closing.abort()
      for (const socket of sockets) socket.destroy()
      if (server.listening) {
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** Tries the ready pods in turn until one takes the connection or patience ends. */
async function join(
  client: KubeClient,
  target: PortForwardTarget,
  socket: Socket,
  choose: (pods: readonly KubeRef[]) => KubeRef | undefined,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      const pod = choose(await readyPods(client, target))
      if (pod) return await client.forward(pod, target.port, socket)
    } catch (error) {
      if (performance.now() > deadline || socket.destroyed) throw error
    }
    if (performance.now() > deadline || socket.destroyed) throw new Error('no pod is ready')
    await sleep(RETRY_MS, undefined, { signal })
  }
}
