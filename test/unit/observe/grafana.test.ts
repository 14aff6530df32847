// Grafana's HTTP API as fnd uses it, against a server that answers as Grafana does.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { grafanaClient } from '../../../src/observe/grafana.ts'

const never = new AbortController().signal
const LOGIN = { user: 'admin', password: 'of this stack' }
let server: Server
let base: URL
let sources: object[]

beforeEach(async () => {
  sources = [
    { uid: 'a', type: 'loki', isDefault: false },
    { uid: 'b', type: 'prometheus', isDefault: true },
  ]
  const authorization = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`
  server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body))
    if (request.headers.authorization !== authorization) return answer(401, { message: 'Unauthorized' })
    if (request.url === '/api/datasources') return answer(200, sources)
    const query = new URL(request.url ?? '', base)
    if (query.pathname === '/api/datasources/proxy/uid/b/api/v1/query')
      return answer(200, {
        data: { result: [{ value: [0, query.searchParams.get('query') === 'a + b' ? '3' : '0'] }] },
      })
    answer(404, {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

it('a query goes through the default Prometheus datasource', async () => {
  expect(await grafanaClient(base, LOGIN).query('a + b', never)).toEqual([3])
})

it('without such a datasource, or without the password, it says so', async () => {
  const wrong = grafanaClient(base, { ...LOGIN, password: 'guessed' })
  await expect(wrong.query('1', never)).rejects.toThrow('it answered 401 to /api/datasources')
  sources = []
  await expect(grafanaClient(base, LOGIN).query('1', never)).rejects.toMatchObject({
    code: 'FND_GRAFANA_UNREACHABLE',
    message: expect.stringContaining('no default Prometheus datasource'),
  })
})

it('a stranger asks without the login', async () => {
  const client = grafanaClient(base, LOGIN)
  expect(await client.get('/api/datasources', never, false)).toMatchObject({ status: 401 })
  expect(await client.get('/api/datasources', never)).toEqual({ status: 200, body: sources })
})

it('one that is not there is said to be not there; an abort is an abort', async () => {
  const client = grafanaClient(base, LOGIN)
  await expect(client.get('/', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await expect(client.get('/', never)).rejects.toMatchObject({ code: 'FND_GRAFANA_UNREACHABLE' })
})
