// What the backend answers when all is well, and that every answer is what its own OpenAPI document promises.

import { Ajv2020 } from 'ajv/dist/2020.js'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ARTICLE, readyApp } from './app.ts'

const HOAX = 'They do not want you to know that this hoax was made by the council itself.'
const post = (url: string, payload: object): InjectOptions => ({ method: 'POST', url, payload })

let made: Awaited<ReturnType<typeof readyApp>>
beforeAll(async () => {
  made = await readyApp({ batchLimit: 50 })
})
afterAll(() => made.app.close())

describe('predictions', () => {
  test('one text', async () => {
    const answer = await made.app.inject(post('/predict', { text: HOAX }))
    expect(answer.json()).toMatchObject({
      label: 'Fake',
      confidence: 0.9,
      probabilities: { fake: 0.9 },
      model: { name: 'double', version: '1.0.0' },
      windows: 1,
    })
    expect(answer.json()).not.toHaveProperty('explanation')
  })

  test.each([true, 'sentences', 'full'])('explain: %s', async (explain) => {
    const answer = await made.app.inject(post('/predict', { text: HOAX, explain }))
    expect(answer.json().explanation).toEqual([{ sentence: HOAX, influence: 0.4 }])
  })

  test('a batch answers each text in order, with the problem of those that cannot be judged', async () => {
    const texts = Array.from({ length: 40 }, (_, i): string => (i % 2 ? HOAX : ARTICLE))
    texts[7] = 'short'
    const { results } = (await made.app.inject(post('/predict/batch', { texts }))).json()
    expect(results.map((result: { label?: string; code?: string }) => result.label ?? result.code)).toEqual(
      texts.map((text) => (text === 'short' ? 'FND_TEXT_TOO_SHORT' : text === HOAX ? 'Fake' : 'Real')),
    )
    expect(results[7]).toMatchObject({ field: 'texts/7', params: { characters: 5, least: 10 } })
  })

  test('a text that the model fails on costs a batch that text only, and tells nothing of the inside', async () => {
    const failing = 'This text is beyond the model, which fails on it.'
    const { results } = (await made.app.inject(post('/predict/batch', { texts: [ARTICLE, failing] }))).json()
    expect(results).toMatchObject([{ label: 'Real' }, { code: 'FND_INTERNAL', field: 'texts/1' }])
    expect(JSON.stringify(results)).not.toContain('logits')
    const all = await made.app.inject(post('/predict/batch', { texts: [failing, failing] }))
    expect(all.statusCode).toBe(500)
  })

  test('a batch larger than the queue never fills it: single texts are served meanwhile', async () => {
    const { app, detector } = await readyApp({}, {}, 8)
    detector.hold()
    const batch = app.inject(post('/predict/batch', { texts: Array(50).fill(ARTICLE) }))
    await expect.poll(() => detector.load().queueDepth).toBe(3)
    const single = app.inject(post('/predict', { text: HOAX }))
    await expect.poll(() => detector.load().queueDepth).toBe(4)
    detector.release()
    expect((await single).json().label).toBe('Fake')
    expect((await batch).json().results).toHaveLength(50)
    expect(detector.served.slice(0, 4)).toEqual([...Array(3).fill('127.0.0.1 batch'), '127.0.0.1'])
  })

  test('a batch that overload refuses as a whole is refused as one request', async () => {
    const { app, detector } = await readyApp({}, {}, 1)
    detector.hold()
    const first = app.inject(post('/predict', { text: ARTICLE }))
    await expect.poll(() => detector.load().queueDepth).toBe(1)
    const batch = await app.inject(post('/predict/batch', { texts: [ARTICLE, ARTICLE] }))
    expect([batch.statusCode, batch.json().code]).toEqual([503, 'FND_QUEUE_FULL'])
    detector.release()
    await first
  })

  test('the older API: label and confidence, other fields ignored', async () => {
    const answer = await made.app.inject(post('/analyze', { text: HOAX, user: 'someone' }))
    expect(answer.json()).toEqual({ prediction: 'Fake', confidence: 0.9 })
  })
})

describe('every answer', () => {
  test.each([
    ['a sane id is kept', 'order-66.a', 'order-66.a'],
    ['an insane one is replaced', 'x'.repeat(65), undefined],
    ['so is one with spaces', 'a b', undefined],
  ])('carries a request id: %s', async (_what, sent, kept) => {
    const answer = await made.app.inject({ url: '/health', headers: { 'x-request-id': sent } })
    const id = answer.headers['x-request-id']
    if (kept) expect(id).toBe(kept)
    else expect(id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('carries security headers, and /docs may run its own scripts only', async () => {
    const health = await made.app.inject('/health')
    expect(health.headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
    const page = await made.app.inject('/docs')
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    const scripts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => String(address))
    expect(scripts.length).toBeGreaterThan(3)
    for (const address of scripts) expect((await made.app.inject(address)).statusCode).toBe(200)
    expect(page.body).not.toMatch(/<script>|https?:\/\//)
  })

  test('is described without a figure, as any model may be served', async () => {
    const { info } = (await made.app.inject('/openapi.json')).json()
    expect(info.description).toContain('a model is less often right than its confidence says')
    expect(info.description).not.toContain('%')
  })

  test('is what /openapi.json promises', async () => {
    const document = (await made.app.inject('/openapi.json')).json()
    const ajv = new Ajv2020({ strict: false, schemas: { api: document } })
    const promised = (request: InjectOptions, answer: LightMyRequestResponse) => {
      const path = String(request.url).replaceAll('/', '~1')
      const method = String(request.method ?? 'get').toLowerCase()
      const type = String(answer.headers['content-type']).split(';')[0]?.replace('/', '~1')
      return ajv.getSchema(
        `api#/paths/${path}/${method}/responses/${answer.statusCode}/content/${type}/schema`,
      )
    }
    const bad: InjectOptions = {
      method: 'POST',
      url: '/predict',
      payload: 'x',
      headers: { 'content-type': 'a/b' },
    }
    const requests: InjectOptions[] = [
      { url: '/health' },
      { url: '/ready' },
      post('/predict', { text: ARTICLE }),
      post('/predict', { text: 'Seven words are too few' }),
      post('/predict', { text: HOAX, explain: true }),
      post('/predict', { text: 3 }),
      post('/predict', { text: 'x'.repeat(2_000_000) }),
      post('/predict', { text: 'break the worker' }),
      bad,
      post('/predict/batch', { texts: [ARTICLE, 'x'] }),
      post('/predict/batch', { texts: 'x' }),
      post('/analyze', { text: ARTICLE }),
      post('/analyze', {}),
    ]
    for (const request of requests) {
      const answer = await made.app.inject(request)
      const validate = promised(request, answer)
      expect(validate, `${request.url} ${answer.statusCode} is not in the document`).toBeDefined()
      expect(validate?.(answer.json()), `${request.url}: ${ajv.errorsText(validate?.errors)}`).toBe(true)
    }
  })
})
