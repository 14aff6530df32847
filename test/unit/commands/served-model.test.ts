// The model in the answer of `fnd up`: what the backend says, and no failure where it does not say it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { servedModel } from '../../../src/commands/up/served-model.ts'
import { freePort } from '../../support/free-port.ts'

const never = new AbortController().signal
const model = { name: 'fnd-base', version: '1.1.0', sha256: '0' }

/** A backend whose /ready answers this. */
async function backend(status: number, body: object) {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url, [Symbol.dispose]: close }
}

it('is the one that the backend names', async () => {
  using ready = await backend(200, { status: 'ready', model })
  expect(await servedModel(ready.url, undefined, never)).toEqual(model)
  await expect(servedModel(ready.url, undefined, AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError',
  })
})

it('is left out while the backend restarts', async () => {
  using draining = await backend(503, { detail: 'The backend is stopping' })
  expect(await servedModel(draining.url, undefined, never)).toBeUndefined()
  const gone = new URL(`http://127.0.0.1:${await freePort()}`)
  expect(await servedModel(gone, undefined, never)).toBeUndefined()
})
