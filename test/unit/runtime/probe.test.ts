// What a probe of a component leaves behind, and how soon it can be ended.

import { getEventListeners, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { probe } from '../../../src/runtime/local/probe.ts'

let server: Server
const url = (path: string) => new URL(path, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/never') response.end('well')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

it('leaves nothing on the signal that watches a component for weeks', async () => {
  const { signal } = new AbortController()
  for (let times = 0; times < 3; times++)
    expect(await probe(url('/'), { patience: 10_000, signal })).toEqual({ status: 200, body: 'well' })
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([])
})

it('ends at once when its signal fires', async () => {
  const stop = new AbortController()
  server.once('request', () => stop.abort())
  expect(await probe(url('/never'), { patience: 600_000, signal: stop.signal })).toBeUndefined()
})

it('has no answer when its patience ends', async () => {
  expect(await probe(url('/never'), { patience: 20 })).toBeUndefined()
})
