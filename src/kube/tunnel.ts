// One TCP connection carried to a pod's port through the API server's port-forward WebSocket.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import type { PortForward } from '@kubernetes/client-node'
import { messageOf } from '../errors/error.ts'
import { type KubeRef, titleOf } from './object.ts'

/** The part of the client's WebSocket that is used here. */
interface Channel {
  on(event: 'close' | 'error', listener: (problem: unknown) => void): unknown
  terminate(): void
  pause(): void
  resume(): void
  readonly bufferedAmount: number
}

const MOST_UNSENT_BYTES = 1024 * 1024
const DRAIN_POLL_MS = 10
/** Longest wait for the WebSocket to open. */
const OPENING_MS = 15_000

/**
 * Resolves when the connection is over, whichever side ended it; the socket and the WebSocket are both gone then.
 *
 * The client's own PortForward leaves three things undone, which are done here: it does not tell when the WebSocket
 * closes, does not close it when the local side goes, and writes without regard to what the reader can take.
 *
 * @throws Error when the pod could not be reached; the socket is left open for another try.
 */
export async function tunnel(
  forwarder: PortForward,
  pod: KubeRef,
  port: number,
  socket: Socket,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { name, namespace = 'default' } = pod.metadata
  let channel: Channel | undefined
  let refusal = ''
  const toClient = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length && !socket.write(chunk)) {
        channel?.pause()
        socket.once('drain', () => channel?.resume())
      }
      done()
    },
  })
  const errors = new Writable({
    write(chunk: Buffer, _encoding, done) {
      refusal += chunk.toString()
      if (refusal.trim()) channel?.terminate()
      done()
    },
  })
  const toPod = new PassThrough()
  try {
    channel = await opened(forwarder.portForward(namespace, name, [port], toClient, errors, toPod), signal)
    await carry(channel, socket, toPod, signal)
  } catch (cause) {
    throw new Error(`${titleOf(pod)} cannot be reached: ${messageOf(cause)}`, { cause })
  }
}

/** The WebSocket once it is open; one that opens after its deadline is closed again. */
async function opened(
  opening: ReturnType<PortForward['portForward']>,
  signal: AbortSignal,
): Promise<Channel> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(OPENING_MS)])
  let late = false
  const channel = opening.then((made) => {
    if (typeof made === 'function' || made === null) throw new Error('the client gave no connection')
    if (late) made.terminate()
    return made
  })
  const ended = new AbortController()
  const over = once(deadline, 'abort', { signal: ended.signal }).then(() => {
    throw signal.aborted ? signal.reason : new Error(`no connection within ${OPENING_MS / 1000} s`)
  })
  try {
    return await Promise.race([channel, over])
  } catch (error) {
    late = true
    channel.catch(() => {})
    throw error
  } finally {
    over.catch(() => {})
    ended.abort()
  }
}

async function carry(
  channel: Channel,
  socket: Socket,
  toPod: PassThrough,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController()
  const finish = () => ended.abort()
  channel.on('close', finish)
  channel.on('error', finish)
  socket.once('close', finish)
  socket.once('error', finish)
  signal.addEventListener('abort', finish, { once: true })
  socket.on('data', (chunk: Buffer) => {
    toPod.write(chunk)
    if (channel.bufferedAmount <= MOST_UNSENT_BYTES) return
    socket.pause()
    const look = setInterval(() => {
      if (channel.bufferedAmount > MOST_UNSENT_BYTES && !socket.destroyed) return
      clearInterval(look)
      socket.resume()
    }, DRAIN_POLL_MS)
  })
  try {
    if (!socket.destroyed && !signal.aborted && !ended.signal.aborted) await once(ended.signal, 'abort')
  } finally {
    signal.removeEventListener('abort', finish)
    channel.terminate()
    toPod.destroy()
    // What has arrived is still handed over; then the client sees the end.
    socket.end()
    socket.destroySoon()
  }
}
