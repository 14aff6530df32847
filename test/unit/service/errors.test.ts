// What a caller gets for each way to do it wrong: a problem document that names the mistake, never a 5xx.

import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ModelHost } from '../../../src/service/model-host.ts'
import { ARTICLE, readyApp } from './app.ts'

const json = { 'content-type': 'application/json' }
const post = (
  payload: NonNullable<InjectOptions['payload']>,
  headers: Record<string, string> = json,
): InjectOptions => ({
  method: 'POST',
  url: '/predict',
  payload,
  headers,
})

type Case = [what: string, request: InjectOptions, status: number, code: string, says: string]

const CASES: Case[] = [
  ['no body', { method: 'POST', url: '/predict' }, 400, 'FND_REQUEST_INVALID', 'body: expected object'],
  ['empty JSON body', post(''), 400, 'FND_REQUEST_INVALID', 'body: expected valid JSON in UTF-8'],
  ['half a JSON body', post('{"text": "The counc'), 400, 'FND_REQUEST_INVALID', 'valid JSON'],
  [
    'no UTF-8',
    post(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    400,
    'FND_REQUEST_INVALID',
    'valid JSON in UTF-8',
  ],
  ['an array', post([]), 400, 'FND_REQUEST_INVALID', 'body: expected object'],
  ['null', post('null'), 400, 'FND_REQUEST_INVALID', 'body: expected object'],
  ['no text', post({}), 400, 'FND_REQUEST_INVALID', 'text: expected a value: it is required'],
  ['a number as text', post({ text: 1e308 }), 400, 'FND_REQUEST_INVALID', 'text: expected string'],
  ['a number beyond all', post('{"text": 1e999999}'), 400, 'FND_REQUEST_INVALID', 'text: expected string'],
  [
    'an unknown field',
    post({ text: ARTICLE, txet: 1 }),
    400,
    'FND_REQUEST_INVALID',
    'txet: expected nothing',
  ],
  [
    'a wrong explain',
    post({ text: ARTICLE, explain: 'all' }),
    400,
    'FND_REQUEST_INVALID',
    'explain: expected boolean or "none" or "sentences" or "full"',
  ],
  [
    '__proto__',
    post('{"text": "The council approved it", "__proto__": {"a": 1}}'),
    400,
    'FND_REQUEST_INVALID',
    '__proto__',
  ],
  [
    'deep nesting',
    post(`{"text": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    400,
    'FND_REQUEST_INVALID',
    'text',
  ],
  ['a short text', post({ text: 'Short' }), 400, 'FND_TEXT_TOO_SHORT', 'at least 10'],
  ['a long text', post({ text: 'a'.repeat(10_001) }), 400, 'FND_TEXT_TOO_LONG', 'at most 10000'],
  ['a malformed escape', { method: 'GET', url: '/%zz' }, 400, 'FND_REQUEST_INVALID', 'well-formed address'],
  [
    'an unknown address',
    { method: 'GET', url: '/nope?a=b' },
    404,
    'FND_ROUTE_UNKNOWN',
    'Nothing is served at /nope',
  ],
  [
    'an unknown address with a body',
    { method: 'POST', url: '/nope', payload: 'x', headers: { 'content-type': 'text/x' } },
    404,
    'FND_ROUTE_UNKNOWN',
    '/nope',
  ],
  ['GET on /predict', { method: 'GET', url: '/predict' }, 405, 'FND_METHOD_NOT_ALLOWED', 'does not take GET'],
  [
    'DELETE on /health',
    { method: 'DELETE', url: '/health' },
    405,
    'FND_METHOD_NOT_ALLOWED',
    'does not take DELETE',
  ],
  [
    'TRACE',
    { method: 'TRACE', url: '/predict' } as never,
    405,
    'FND_METHOD_NOT_ALLOWED',
    'does not take TRACE',
  ],
  [
    'a body over the limit',
    post({ text: 'a'.repeat(5000) }),
    413,
    'FND_BODY_TOO_LARGE',
    'larger than 4096 bytes',
  ],
  [
    'a form',
    post('text=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'FND_MEDIA_TYPE',
    'form',
  ],
  ['no media type', post(Buffer.from('{}'), {}), 415, 'FND_MEDIA_TYPE', 'of no named type'],
  [
    'another charset',
    post('{}', { 'content-type': 'application/json; charset=latin1' }),
    415,
    'FND_MEDIA_TYPE',
    'latin1',
  ],
  [
    'a packed body',
    post('{}', { ...json, 'content-encoding': 'gzip' }),
    415,
    'FND_MEDIA_TYPE',
    'encoded as gzip',
  ],
  [
    'no texts',
    { ...post({ texts: [] }), url: '/predict/batch' },
    400,
    'FND_REQUEST_INVALID',
    'texts: expected at least 1 item',
  ],
  [
    'too many texts',
    { ...post({ texts: ['a', 'b', 'c', 'd'] }), url: '/predict/batch' },
    400,
    'FND_REQUEST_INVALID',
    'texts: expected at most 3 items',
  ],
  [
    'a text that is none',
    { ...post({ texts: [ARTICLE, 7] }), url: '/predict/batch' },
    400,
    'FND_REQUEST_INVALID',
    'texts/1: expected string',
  ],
]

describe('what is wrong with a request is said in a problem document', () => {
  let made: Awaited<ReturnType<typeof readyApp>>
  let roomy: Awaited<ReturnType<typeof readyApp>>
  beforeAll(async () => {
    made = await readyApp({ bodyLimit: 4096, batchLimit: 3 })
    roomy = await readyApp({ batchLimit: 3 })
  })
  afterAll(() => Promise.all([made.app.close(), roomy.app.close()]))

  test.each(CASES)('%s', async (_what, request, status, code, says) => {
    const { app } = status === 413 ? made : roomy
    const answer = await app.inject(request)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.headers['x-request-id']).toBe(answer.json().requestId)
    expect(answer.json()).toMatchObject({ status, code, type: `urn:fnd:error:${code}` })
    expect(answer.json().detail).toContain(says)
  })

  test('405 names the methods that are served', async () => {
    const answer = await roomy.app.inject({ method: 'PUT', url: '/health' })
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  test('a defect is a 500 that says nothing of the inside', async () => {
    const answer = await roomy.app.inject(post({ text: 'please break the worker with this text' }))
    expect(answer.statusCode).toBe(500)
    expect(answer.json().code).toBe('FND_INTERNAL')
    expect(answer.body).not.toContain('break the worker')
  })
})

describe('overload is 503 with Retry-After', () => {
  test('before the model is loaded', async () => {
    const { app } = await readyApp({}, { model: new ModelHost() })
    for (const request of [{ url: '/ready' }, post({ text: ARTICLE })]) {
      const answer = await app.inject(request)
      expect([answer.statusCode, answer.json().code]).toEqual([503, 'FND_NOT_READY'])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect((await app.inject('/health')).statusCode).toBe(200)
  })

  test('when the queue is full', async () => {
    const { app, detector } = await readyApp({}, {}, 1)
    detector.hold()
    const first = app.inject(post({ text: ARTICLE }))
    await expect.poll(() => detector.load().queueDepth).toBe(1)
    const second = await app.inject(post({ text: ARTICLE }))
    expect([second.statusCode, second.json().code, second.headers['retry-after']]).toEqual([
      503,
      'FND_QUEUE_FULL',
      '3',
    ])
    detector.release()
    expect((await first).statusCode).toBe(200)
  })

  test('while draining, with Connection: close', async () => {
    const { app, model } = await readyApp()
    model.refuse()
    const answer = await app.inject(post({ text: ARTICLE }))
    expect([answer.statusCode, answer.json().code, answer.headers.connection]).toEqual([
      503,
      'FND_DRAINING',
      'close',
    ])
    expect((await app.inject('/ready')).statusCode).toBe(503)
    expect((await app.inject('/health')).statusCode).toBe(200)
  })
})

describe('who may use it', () => {
  const key = 'a-key-of-sixteen+'

  test('with a key, work needs it, probes do not', async () => {
    const { app } = await readyApp({ apiKey: key })
    const refused = await app.inject(post({ text: ARTICLE }))
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'FND_UNAUTHORIZED'])
    expect(refused.headers['www-authenticate']).toContain('X-API-Key')
    expect((await app.inject(post({ text: ARTICLE }, { ...json, 'x-api-key': `${key}x` }))).statusCode).toBe(
      401,
    )
    expect((await app.inject(post({ text: ARTICLE }, { ...json, 'x-api-key': key }))).statusCode).toBe(200)
    for (const url of ['/health', '/ready', '/metrics', '/openapi.json'])
      expect((await app.inject(url)).statusCode).toBe(200)
  })

  test('the rate limit is for each client address and never for probes', async () => {
    const { app } = await readyApp({ rateLimit: 2 })
    const from = (remoteAddress: string) => app.inject({ ...post({ text: ARTICLE }), remoteAddress })
    expect((await from('10.0.0.1')).statusCode).toBe(200)
    expect((await from('10.0.0.1')).statusCode).toBe(200)
    const third = await from('10.0.0.1')
    expect([third.statusCode, third.json().code]).toEqual([429, 'FND_RATE_LIMITED'])
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect((await from('10.0.0.2')).statusCode).toBe(200)
    for (let i = 0; i < 5; i++) expect((await app.inject('/health')).statusCode).toBe(200)
  })

  test('the limit counts guesses of the key, and addresses and methods that are not served', async () => {
    const { app } = await readyApp({ rateLimit: 3, apiKey: key })
    const statuses: number[] = []
    for (const request of [
      post({ text: ARTICLE }, { ...json, 'x-api-key': 'a-guess-of-sixteen' }),
      { url: '/nope' },
      { url: '/predict' },
      post({ text: ARTICLE }, { ...json, 'x-api-key': key }),
      { url: '/nope' },
      { url: '/predict' },
    ] satisfies InjectOptions[])
      statuses.push((await app.inject(request)).statusCode)
    expect(statuses).toEqual([401, 404, 405, 429, 429, 429])
    expect((await app.inject('/ready')).statusCode).toBe(200)
  })

  test('browsers of the listed origins only', async () => {
    const { app } = await readyApp({ cors: ['https://news.example'] })
    const ask = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/predict',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    expect((await ask('https://news.example')).headers['access-control-allow-origin']).toBe(
      'https://news.example',
    )
    expect((await ask('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  })
})
