// A proxy in front of a real server that breaks what comes back: down, slow, cut off, changed, or with a wrong length.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to the answers of connections that are made from now on. */
export type Fault =
  | { kind: 'none' }
  /** At most so many bytes a second. */
  | { kind: 'slow'; bytesPerSecond: number }
  /** The connection ends after so many bytes of the answer. */
  | { kind: 'truncate'; after: number }
  /** The first `times` answers are cut off so, later ones are whole. */
  | { kind: 'stumble'; after: number; times: number }
  /** Content-Length says so much more than there is. */
  | { kind: 'lie'; by: number }
  /** Every body has one byte changed. */
  | { kind: 'corrupt' }
  /** Connections end before anything is answered. */
  | { kind: 'down' }

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string
  fault: Fault
}

/** Listens on a port of its own and passes everything on to `port`. */
export async function startFaultyProxy(port: number): Promise<FaultyProxy> {
  const sockets = new Set<Socket>()
  const proxy = { fault: { kind: 'none' } as Fault }
  const server = createServer((client) => {
    if (proxy.fault.kind === 'down') {
      client.destroy()
      return
    }
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        // The other way round, what is still to be passed on would be lost.
        if (socket === client) upstream.destroy()
      })
    }
    client.pipe(upstream)
    void answer(upstream, client, proxy)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
}

async function answer(upstream: Socket, client: Socket, proxy: { fault: Fault }): Promise<void> {
  let sent = 0
  try {
    for await (const chunk of upstream) {
      const bytes = changed(chunk as Buffer, proxy.fault)
      const { fault } = proxy
      if (fault.kind === 'slow') await sleep((bytes.length / fault.bytesPerSecond) * 1000)
      if (fault.kind === 'down') return void client.destroy()
      if ((fault.kind === 'truncate' || fault.kind === 'stumble') && sent + bytes.length > fault.after) {
        if (fault.kind === 'truncate' || fault.times-- > 0) {
          client.write(bytes.subarray(0, Math.max(0, fault.after - sent)), () => client.destroy())
          return
        }
      }
      sent += bytes.length
      if (!client.write(bytes)) await once(client, 'drain')
    }
    client.end()
  } catch {
    client.destroy()
  }
}

function changed(bytes: Buffer, fault: Fault): Buffer {
  if (fault.kind === 'lie')
    return Buffer.from(
      bytes
        .toString('latin1')
        .replace(/(content-length: )(\d+)/i, (_, name, length) => `${name}${Number(length) + fault.by}`),
      'latin1',
    )
  if (fault.kind === 'corrupt' && !bytes.subarray(0, 5).equals(Buffer.from('HTTP/'))) {
    const other = Buffer.from(bytes)
    other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1
    return other
  }
  return bytes
}
