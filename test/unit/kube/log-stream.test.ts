// The log of a container from an API server: its lines, its refusals, and an end when it is told to end.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, expect, it } from 'vitest'
import { type LogOptions, logStream } from '../../../src/kube/log-stream.ts'
import { POD } from '../../../src/kube/pods.ts'

const pod = { ...POD, metadata: { namespace: 'apps', name: 'one' } }
let server: Server | undefined
afterEach(() => server?.closeAllConnections())
afterEach(() => server?.close())

async function serving(answer: RequestListener) {
  server = createServer(answer)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const config = new KubeConfig()
  const cluster = { name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }
  config.loadFromClusterAndUser(cluster, { name: 'u', token: 'secret' })
  return (options: LogOptions = {}, signal = new AbortController().signal) =>
    logStream(config, pod, 'main', options, signal)
}

it('asks for just what was wanted, and gives line after line', async () => {
  let asked = ''
  const log = await serving((request, response) => {
    asked = `${request.headers.authorization} ${request.url}`
    response.end('first\nsecond\n')
  })
  const lines: string[] = []
  for await (const line of log({ tail: 0, previous: true })) lines.push(line)
  expect(lines).toEqual(['first', 'second'])
  expect(asked).toBe(
    'Bearer secret /api/v1/namespaces/apps/pods/one/log?container=main&previous=true&tailLines=0',
  )
})

it('tells the reason that the server gives', async () => {
  const log = await serving((_, response) => {
    response.writeHead(400).end('{"message":"container \\"main\\" is waiting to start"}')
  })
  await expect(log().next()).rejects.toMatchObject({
    code: 400,
    body: expect.stringContaining('waiting to start'),
  })
})

it('ends quietly in the middle of a log when the signal says so', async () => {
  const log = await serving((_, response) => {
    response.write('first\n')
  })
  const interrupt = new AbortController()
  const lines = log({ follow: true }, interrupt.signal)
  expect(await lines.next()).toMatchObject({ value: 'first' })
  const rest = lines.next()
  interrupt.abort()
  expect((await rest).done).toBe(true)
})

it('is an error when the connection breaks', async () => {
  const log = await serving((_, response) => {
    response.write('first\n', () => response.destroy())
  })
  const all = async () => {
    for await (const _ of log({ follow: true }));
  }
  await expect(all()).rejects.toThrow()
})
