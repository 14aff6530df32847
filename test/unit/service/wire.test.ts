// What only a real connection shows: malformed HTTP, pipelining, a client that leaves, the typed client, the log.

import { connect } from 'node:net'
import { Writable } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackendClient } from '../../../src/service/client.ts'
import { ModelHost } from '../../../src/service/model-host.ts'
import { ARTICLE, readyApp } from './app.ts'

const SECRET = 'The mayor of Springfield secretly sold the monorail to himself on Friday'
const lines: string[] = []
const log = pino(
  { level: 'debug', base: null },
  new Writable({ write: (line, _, done) => done(void lines.push(String(line))) }),
)

let made: Awaited<ReturnType<typeof readyApp>>
let url: URL
beforeAll(async () => {
  made = await readyApp({}, { log })
  url = new URL(await made.app.listen({ host: '127.0.0.1', port: 0 }))
})
afterAll(() => made.app.close())

/** Sends raw bytes and returns all that comes back until the server closes or `until` is there. */
function raw(bytes: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(url.port), '127.0.0.1', () => socket.write(bytes))
    const end = () => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', (data) => {
      answer += data
      if (until.test(answer)) end()
    })
    socket.on('close', end)
    socket.on('error', reject)
  })
}

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['an unknown method', 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a bad Content-Length', 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n', 400],
  [
    'two lengths',
    'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['endless headers', `GET /health HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
])('bytes that are no request: %s', async (_what, bytes, status) => {
  const answer = await raw(bytes, /"requestId":"[^"]+"[^}]*}/)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toContain('application/problem+json')
  expect(answer).toContain('FND_REQUEST_INVALID')
})

test('pipelined requests are each answered, in order', async () => {
  const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const answer = await raw(one('/health') + one('/nope') + one('/ready'), /"ready"/)
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '404', '200'])
})

test('the request of a client that left is dropped from the queue and counted as 499', async () => {
  made.detector.hold()
  const leave = new AbortController()
  const asked = fetch(new URL('/predict', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: ARTICLE }),
    signal: leave.signal,
  }).catch(() => 'left')
  await expect.poll(() => made.detector.load().queueDepth).toBe(1)
  leave.abort()
  expect(await asked).toBe('left')
  await expect.poll(() => made.detector.load().queueDepth).toBe(0)
  made.detector.release()
  await expect
    .poll(() => made.metrics.text())
    .toContain('http_requests_total{method="POST",route="/predict",status="499"} 1')
})

test('the client gives predictions, and the errors that the backend refused with', async () => {
  const client = createBackendClient({ url })
  expect(await client.predict(ARTICLE)).toMatchObject({ label: 'Real', windows: 1 })
  expect((await client.predict(ARTICLE, { explain: 'full' })).explanation).toHaveLength(1)
  const [good, bad] = await client.predictBatch([ARTICLE, 'short'])
  expect(good).toMatchObject({ label: 'Real' })
  expect(bad).toMatchObject({ code: 'FND_TEXT_TOO_SHORT', exit: 2, params: { characters: 5, least: 10 } })
  await expect(client.predict('short')).rejects.toMatchObject({
    code: 'FND_TEXT_TOO_SHORT',
    message: 'The text has 5 characters after cleaning; at least 10 are needed',
  })
  expect(await client.health()).toMatchObject({ status: 'ok' })
  expect(await client.ready()).toMatchObject({ model: { name: 'double' } })
  expect(await client.metricsText()).toContain('predictions_total')
})

test('the client says who does not answer, what is no backend, and what took too long', async () => {
  const gone = createBackendClient({ url: new URL('http://127.0.0.1:1') })
  await expect(gone.health()).rejects.toMatchObject({ code: 'FND_BACKEND_UNREACHABLE' })
  const elsewhere = createBackendClient({ url: new URL('/docs/', url) })
  expect(await elsewhere.health()).toMatchObject({ status: 'ok' })
  const { app } = await readyApp({}, { model: new ModelHost() })
  const loading = createBackendClient({ url: new URL(await app.listen({ host: '127.0.0.1', port: 0 })) })
  await expect(loading.ready()).rejects.toMatchObject({
    code: 'FND_NOT_READY',
    params: { why: 'the model is loading' },
  })
  await app.close()
  made.detector.hold()
  await expect(createBackendClient({ url }).predict(ARTICLE, { timeout: 0.05 })).rejects.toMatchObject({
    code: 'FND_TIMEOUT',
  })
  const leave = AbortSignal.abort()
  await expect(createBackendClient({ url }).health({ signal: leave })).rejects.toMatchObject({
    name: 'AbortError',
  })
  made.detector.release()
})

test('the log names requests by id and pattern, and never holds a text', async () => {
  lines.length = 0
  const send = (path: string, body: string) =>
    fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'mine' },
      body,
    })
  await send('/predict', JSON.stringify({ text: SECRET }))
  await send('/predict', `{"text": "${SECRET}`)
  await send('/predict/batch', JSON.stringify({ texts: [SECRET, 5] }))
  await send(`/predict?text=${encodeURIComponent(SECRET)}`, '{}')
  await send(`/${encodeURIComponent(SECRET)}`, '{}')
  // An answer that an earlier test gave up may still be logged: these five are known by their id.
  const mine = () => lines.filter((line) => line.includes('"mine"'))
  await expect.poll(() => mine().length).toBe(5)
  expect(JSON.parse(mine()[0] ?? '')).toMatchObject({
    requestId: 'mine',
    method: 'POST',
    route: '/predict',
    status: 200,
  })
  expect(lines.join('')).not.toMatch(/monorail/)
})

test('a defect is logged with its place, without the text that its message quotes', async () => {
  lines.length = 0
  const quiet = await readyApp({}, { log: log.child({}, { level: 'info' }) })
  await quiet.app.inject({
    method: 'POST',
    url: '/predict',
    payload: { text: `break the worker: ${SECRET}` },
  })
  expect(lines.some((line) => line.includes('defect') && line.includes('at '))).toBe(true)
  expect(lines.join('')).not.toMatch(/monorail/)
})
