// The load generator against real HTTP servers, and the chance behind it.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { poissonArrivals } from '../../../src/load/arrivals.ts'
import { CORPUS } from '../../../src/load/corpus.ts'
import { type LoadPlan, runLoad } from '../../../src/load/generator.ts'
import { BAD_KINDS, nextRequest } from '../../../src/load/requests.ts'
import { seededRandom } from '../../../src/random.ts'

const never = new AbortController().signal
const quiet = () => {}
let server: Server | undefined

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((done) => (server ? server.close(done) : done(undefined)))
  server = undefined
})

/** A backend that answers each body as `answer` says, after a delay. */
async function backend(
  answer: (body: string) => { status: number; body?: string; headers?: Record<string, string> },
  delayMs = 0,
): Promise<URL> {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { status, body: text = '', headers = {} } = answer(body)
    setTimeout(() => response.writeHead(status, headers).end(text), delayMs)
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const plan = (target: URL, more: Partial<LoadPlan> = {}): LoadPlan => ({
  target,
  arrivals: [0, 0, 0.01, 0.01, 0.02],
  duration: 5,
  next: () => ({ body: '{"text":"a text"}' }),
  clients: 8,
  timeoutMs: 5000,
  ...more,
})

describe('arrivals', () => {
  it('ascend, stay within the duration, and are the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.1, max: 500, noNaN: true }), (seed, rate) => {
        const times = [...poissonArrivals(rate, 5, seededRandom(seed))]
        expect(times).toEqual([...poissonArrivals(rate, 5, seededRandom(seed))])
        expect(times.every((at, i) => at >= (times[i - 1] ?? 0) && at < 5)).toBe(true)
      }),
    )
  })

  it('come at the rate asked for, with gaps spread like those of a Poisson process', () => {
    const times = [...poissonArrivals(20, 5000, seededRandom(7))]
    const gaps = times.map((at, i) => at - (times[i - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(1 / mean).toBeCloseTo(20, 0)
    // Of an exponential distribution the standard deviation is the mean; a metronome has 0.
    expect(deviation / mean).toBeCloseTo(1, 1)
  })
})

describe('requests', () => {
  const many = (badShare: number) => {
    const random = seededRandom(3)
    return Array.from({ length: 4000 }, () => nextRequest(random, badShare))
  }

  it('are texts that the detector takes, from briefs to long reads', () => {
    const lengths = many(0).map(({ body }) => JSON.parse(body).text.length)
    expect(Math.min(...lengths)).toBeLessThan(60)
    expect(Math.max(...lengths)).toBeGreaterThan(2500)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(10_000)
    expect(new Set(CORPUS).size).toBe(60)
  })

  it('hold the share of bad ones, of every kind', () => {
    const bad = many(0.1).flatMap((request) => request.bad ?? [])
    expect(bad.length / 4000).toBeCloseTo(0.1, 1)
    expect(new Set(bad)).toEqual(new Set(BAD_KINDS))
  })

  it('are bad in the way that they say', () => {
    for (const { bad, body } of many(1)) {
      if (bad === 'broken_json') expect(() => JSON.parse(body)).toThrow()
      if (bad === 'too_short') expect(JSON.parse(body).text.length).toBeLessThan(10)
      if (bad === 'too_long') expect(JSON.parse(body).text.length).toBeGreaterThan(10_000)
      if (bad === 'wrong_type') expect(typeof JSON.parse(body).text).not.toBe('string')
    }
  })
})

describe('a run', () => {
  it('counts answers by class, verdicts, and Retry-After', async () => {
    const answers = [
      { status: 200, body: '{"label":"Fake"}' },
      { status: 200, body: '{"label":"Real"}' },
      { status: 400 },
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': '2' } },
    ]
    const target = await backend(() => answers.shift() ?? { status: 500 })
    const result = await runLoad(plan(target), never, quiet)
    expect(result).toMatchObject({
      sent: 5,
      ok: 2,
      refused: 1,
      limited: 1,
      failed: 1,
      errors: 0,
      retryAfter: 2,
    })
    expect(result.verdicts).toEqual({ Fake: 1, Real: 1 })
    expect(result.statuses).toEqual({ 200: 2, 400: 1, 429: 1, 503: 1 })
  })

  it('counts latency from when a request was due, the wait for a free client included', async () => {
    const target = await backend(() => ({ status: 200, body: '{"label":"Real"}' }), 60)
    const result = await runLoad(plan(target, { arrivals: [0, 0, 0, 0, 0], clients: 1 }), never, quiet)
    // The fifth waits for four others: 5 × 60 ms; a closed loop would report 60 ms for each.
    expect(result.latency?.max).toBeGreaterThan(0.28)
  })

  it('never has more requests under way than clients', async () => {
    let now = 0
    let most = 0
    const target = await backend(() => {
      now += 1
      most = Math.max(most, now)
      setTimeout(() => (now -= 1), 15)
      return { status: 200, body: '{}' }
    }, 20)
    await runLoad(plan(target, { arrivals: Array(12).fill(0), clients: 3 }), never, quiet)
    expect(most).toBeLessThanOrEqual(3)
  })

  it('says what was due and could not be sent before the end', async () => {
    const target = await backend(() => ({ status: 200, body: '{}' }), 150)
    const result = await runLoad(
      plan(target, { arrivals: [0, 0.01, 0.02], duration: 0.05, clients: 1 }),
      never,
      quiet,
    )
    expect(result).toMatchObject({ sent: 1, unsent: 2, ok: 1 })
  })

  it('counts what was not answered, with the reason', async () => {
    const target = await backend(() => ({ status: 200 }))
    server?.close()
    const result = await runLoad(plan(target), never, quiet)
    expect(result).toMatchObject({ errors: 5, ok: 0, latency: undefined })
    expect(result.lastError).toMatch(/ECONNREFUSED/)
  })

  it('ends early when interrupted, with the answers so far', async () => {
    const stop = new AbortController()
    const target = await backend(() => ({ status: 200, body: '{"label":"Real"}' }))
    const result = await runLoad(
      plan(target, { arrivals: poissonArrivals(200, 60, seededRandom(1)), duration: 60 }),
      stop.signal,
      ({ ok }) => ok >= 5 && stop.abort(),
    )
    expect(result.ok).toBeGreaterThanOrEqual(5)
    expect(result.errors).toBe(0)
    expect(result.seconds).toBeLessThan(30)
  })

  it('tells what an interruption cut off from what was answered, and from errors', async () => {
    const stop = new AbortController()
    let arrived = 0
    const target = await backend(() => {
      arrived += 1
      if (arrived === 3) stop.abort()
      return { status: 200, body: '{"label":"Real"}' }
    }, 100)
    let told = 0
    const result = await runLoad(
      plan(target, { arrivals: [0, 0, 0], clients: 3 }),
      stop.signal,
      () => (told += 1),
    )
    expect(result).toMatchObject({ sent: 0, cutOff: 3, ok: 0, errors: 0 })
    expect(told).toBe(0)
  })
})
