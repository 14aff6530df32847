// Ports that cannot be had: all of them are named at once, with whose they are and the flags that choose others.

import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { choosePorts, reachedAt } from '../../../src/runtime/ports.ts'
import { USUAL_COMPONENTS } from '../../../src/runtime/runtime.ts'

async function listening() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return { port: address.port, [Symbol.dispose]: () => server.close() }
}

it('names every taken port, the stack that holds it where it is one, and what to do', async () => {
  using ours = await listening()
  using theirs = await listening()
  const wanted = { backend: ours.port, prometheus: 0, grafana: theirs.port, s3: 0 }
  const others = [{ name: 'b', runtime: 'local' as const, ports: { backend: ours.port } }]
  const chosen = choosePorts({ wanted, needed: USUAL_COMPONENTS, held: new Map(), others })
  await expect(chosen).rejects.toMatchObject({
    code: 'FND_PORT_TAKEN',
    message: `Port ${ours.port} for backend is taken by the stack 'b'; Port ${theirs.port} for grafana is taken by another program`,
    hint: 'Choose other ports: --port-backend <port> --port-grafana <port>; or `fnd down --name b` and stop that program.',
  })
})

it('a port that the stack holds itself is its own', async () => {
  using own = await listening()
  const wanted = { backend: own.port, prometheus: 0, grafana: 0, s3: 0 }
  const held = new Map([['backend' as const, own.port]])
  expect(await choosePorts({ wanted, needed: ['backend'], held, others: [] })).toEqual(wanted)
})

it('looks at the address that the backend listens on: the same port of another address is free', async () => {
  using taken = await listening()
  const wanted = { backend: taken.port, prometheus: 0, grafana: 0, s3: 0 }
  const on = (backendHost: string, backend = taken.port) =>
    choosePorts({
      wanted: { ...wanted, backend },
      needed: ['backend'],
      backendHost,
      held: new Map(),
      others: [],
    })
  expect(await on('127.0.0.2')).toEqual(wanted)
  await expect(on('0.0.0.0')).rejects.toMatchObject({ code: 'FND_PORT_TAKEN' })
  // Prometheus stays on 127.0.0.1.
  const free = await on('127.0.0.2', 0)
  const both = { ...wanted, backend: free.backend, prometheus: free.backend }
  const needed = ['backend', 'prometheus'] as const
  const request = { wanted: both, needed, held: new Map(), others: [] }
  expect(await choosePorts({ ...request, backendHost: '127.0.0.2' })).toEqual(both)
  await expect(choosePorts({ ...request, backendHost: '0.0.0.0' })).rejects.toMatchObject({
    code: 'FND_PORT_TAKEN',
  })
  // TEST-NET-1 (RFC 5737) is nobody's.
  await expect(on('192.0.2.1')).rejects.toMatchObject({ code: 'FND_LISTEN' })
})

it('reaches a backend where it listens, and one on all addresses by the loopback', () => {
  expect(['127.0.0.1', '0.0.0.0', '::', '127.0.0.2', '::1'].map((host) => reachedAt(host, 8000))).toEqual([
    '127.0.0.1:8000',
    '127.0.0.1:8000',
    '127.0.0.1:8000',
    '127.0.0.2:8000',
    '[::1]:8000',
  ])
})
