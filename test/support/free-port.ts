// A port of 127.0.0.1 at which nothing listens.

import { once } from 'node:events'
import { createServer } from 'node:net'

/** It was free a moment ago: nobody keeps it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
