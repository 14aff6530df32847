// `fnd serve` as a real process with the real model: how it starts, works at its limits, and stops.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { resolvePaths } from '../../src/config/paths.ts'
import { parseExposition } from '../../src/observe/exposition.ts'
import { writeRecord } from '../../src/runtime/record.ts'
import { baseModel } from '../support/bundle.ts'
import { newsTexts } from '../support/news-texts.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const LONG = newsTexts(300, 25)
const COMMON = newsTexts(300, 6)

/** How long a state may take to come about on a busy machine. */
const PATIENT = { timeout: 30_000 }

const predict = (backend: ServeProcess, text: string, explain = 'none') =>
  fetch(backend.url('/predict'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, explain }),
  })

/** The value of one series on /metrics. */
async function metric(backend: ServeProcess, name: string, labels: Record<string, string> = {}) {
  const body = await (await fetch(backend.url('/metrics'))).text()
  const wanted = Object.entries(labels)
  return parseExposition(body).find(
    (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
  )?.value
}

/** Sends long texts and waits until some of them wait in the queue. */
async function queueUp(backend: ServeProcess, count: number): Promise<Promise<Response>[]> {
  await backend.logged('ready')
  const asked = LONG.slice(0, count).map((text) => predict(backend, text, 'sentences'))
  await expect.poll(() => metric(backend, 'prediction_queue_depth'), PATIENT).toBeGreaterThan(count / 2)
  return asked
}

describe('stopping', () => {
  test('SIGTERM: what was taken is answered, then exit 0; stdout holds the log, stderr nothing', async () => {
    await using backend = startServe({ FND_BACKEND_DEADLINE: '60', FND_BACKEND_GRACE: '60' })
    const asked = await queueUp(backend, 12)
    backend.child.kill('SIGTERM')
    const answers = await Promise.all(asked)
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200))
    expect(await backend.ended).toBe(0)
    expect(backend.log().at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
    expect(backend.stderr()).toBe('')
  })

  test('while it lingers, requests are answered and their connections given up', async () => {
    await using backend = startServe({ FND_BACKEND_LINGER: '3s' })
    await backend.logged('ready')
    backend.child.kill('SIGTERM')
    await backend.logged('leaving')
    const answer = await predict(backend, COMMON[0] ?? '')
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    expect(await backend.ended).toBe(0)
  })

  test('what is not answered within the grace is cut off, exit 1', async () => {
    await using backend = startServe({ FND_BACKEND_GRACE: '200ms', FND_BACKEND_DEADLINE: '60' })
    const asked = (await queueUp(backend, 60)).map((answer) =>
      answer.then(
        ({ status }) => status,
        () => 'cut off',
      ),
    )
    backend.child.kill('SIGTERM')
    const outcomes = await Promise.all(asked)
    expect(outcomes).toContain('cut off')
    expect(outcomes.filter((outcome) => ![200, 503, 'cut off'].includes(outcome))).toEqual([])
    expect(await backend.ended).toBe(1)
    expect(backend.log().at(-1)).toMatchObject({ msg: 'stopped before everything was answered' })
  })

  test('a second signal ends it at once, also in the middle of a run', async () => {
    await using backend = startServe({ FND_BACKEND_DEADLINE: '60' })
    const asked = (await queueUp(backend, 60)).map((answer) => answer.catch(() => undefined))
    backend.child.kill('SIGTERM')
    await backend.logged('stopping')
    backend.child.kill('SIGTERM')
    expect(await backend.ended).toBe(130)
    await Promise.all(asked)
    expect(backend.log().some(({ msg }) => msg?.startsWith('stopped'))).toBe(false)
  })

  test('SIGTERM while the model loads: it stops in good order', async () => {
    await using backend = startServe()
    await backend.logged('listening')
    const ready = await fetch(backend.url('/ready'))
    expect([200, 503]).toContain(ready.status)
    backend.child.kill('SIGTERM')
    expect(await backend.ended).toBe(0)
    expect(backend.log().at(-1)).toMatchObject({ msg: 'stopped' })
  })
})

describe('what keeps it from starting is said on stderr, with its exit code', () => {
  test.each([
    ['another program', undefined],
    ['a stack of fnd', 'mine'],
  ])('a port that is taken by %s', async (_, name) => {
    const state = mkdtempSync(join(tmpdir(), 'fnd-state-'))
    onTestFinished(() => rmSync(state, { recursive: true }))
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const address = other.address()
    const port = address && typeof address === 'object' ? address.port : 0
    if (name) {
      const paths = resolvePaths({ FND_STATE_DIR: state }, state)
      writeRecord(paths, { name, runtime: 'local', ports: { backend: port } })
    }
    await using backend = startServe({ FND_PORTS_BACKEND: String(port), FND_STATE_DIR: state })
    expect(await backend.ended).toBe(1)
    expect(backend.stderr()).toContain('FND_PORT_TAKEN')
    expect(backend.stderr()).toContain(
      `Port ${port} for the backend is taken by ${name ? `the stack '${name}'` : 'another program'}`,
    )
    expect(backend.stdout()).not.toContain('FND_PORT_TAKEN')
    other.close()
  })

  test('no model', async () => {
    await using backend = startServe({ FND_MODEL: 'absent' })
    expect(await backend.ended).toBe(4)
    expect(backend.stderr()).toContain('FND_MODEL_MISSING')
  })

  test('a model that is not what its manifest says', async () => {
    const model = mkdtempSync(join(tmpdir(), 'fnd-model-'))
    onTestFinished(() => rmSync(model, { recursive: true }))
    cpSync(baseModel, model, { recursive: true })
    writeFileSync(join(model, 'tokenizer.json'), '{}')
    await using backend = startServe({ FND_MODEL: model })
    expect(await backend.ended).toBe(1)
    expect(backend.stderr()).toContain('FND_MODEL_CORRUPT')
    expect(backend.stderr()).toMatch(
      /tokenizer\.json.*expected \d+ bytes, SHA-256 [0-9a-f]{64}, found 2 bytes/s,
    )
  })
})

describe('at its limits', () => {
  test('a thread that dies in the middle of a run: the text is answered by another, a deadly one is refused', async () => {
    const killer = fileURLToPath(new URL('../fixtures/detector/kill-worker.js', import.meta.url))
    await using backend = startServe({
      NODE_OPTIONS: `--import=${killer}`,
      FND_TEST_KILL: 'once deadly,always deadly',
      FND_TEST_KILLED: 'killed',
    })
    await backend.logged('ready')
    const once = await predict(backend, `${LONG[0]} This text is once deadly.`)
    expect([once.status, await metric(backend, 'prediction_worker_restarts_total')]).toEqual([200, 1])
    const always = await predict(backend, `${LONG[1]} This text is always deadly.`)
    expect([always.status, await metric(backend, 'prediction_worker_restarts_total')]).toEqual([500, 3])
    await expect.poll(() => metric(backend, 'prediction_workers', { state: 'ready' }), PATIENT).toBe(2)
    expect((await predict(backend, LONG[2] ?? '')).status).toBe(200)
    expect(backend.stdout()).not.toContain('deadly')
  })

  test('twice what the queue takes: 200 or 503 with Retry-After, nothing lost, probes and scrapes answered meanwhile', async () => {
    await using backend = startServe({ FND_BACKEND_DEADLINE: '3' })
    await backend.logged('ready')
    // The queue learns how long texts of this length take before it can tell how many fit.
    for (const text of COMMON.slice(0, 30)) await predict(backend, text)
    const capacity = (await metric(backend, 'prediction_queue_capacity')) ?? 0
    expect(capacity).toBeGreaterThan(1)
    let pending = true
    const asked = Promise.all(
      Array.from({ length: 2 * capacity }, async (_, i) => {
        const answer = await predict(backend, COMMON[i % COMMON.length] ?? '')
        const { label, code } = (await answer.json()) as { label?: string; code?: string }
        return { status: answer.status, said: label ?? code, retryAfter: answer.headers.get('retry-after') }
      }),
    )
    void asked.finally(() => {
      pending = false
    })
    const probes: number[] = []
    while (pending)
      for (const path of ['/health', '/metrics']) probes.push((await fetch(backend.url(path))).status)
    const answers = await asked
    expect(answers).toHaveLength(2 * capacity)
    const good = answers.filter(({ status }) => status === 200)
    const refused = answers.filter(({ status }) => status === 503)
    expect(good.length + refused.length).toBe(answers.length)
    expect(Math.min(good.length, refused.length)).toBeGreaterThan(0)
    for (const { said, retryAfter } of refused) {
      expect(['FND_QUEUE_FULL', 'FND_DEADLINE']).toContain(said)
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
    }
    expect(new Set(probes)).toEqual(new Set([200]))
    expect(await metric(backend, 'prediction_queue_depth')).toBe(0)
    expect((await predict(backend, LONG[0] ?? '')).status).toBe(200)
  })
})
