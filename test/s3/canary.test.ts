// A canary of a real registry in a real backend: its share, its shadow, its end, and fnd model compare that judges it.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { doubtfulBundle, type TestBundle, workingBundle } from '../support/bundle.ts'
import { newsTexts } from '../support/news-texts.ts'
import { emptyHome, type Home } from '../support/program.ts'
import { type S3Server, s3Program, startS3 } from '../support/s3-server.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const program = s3Program()
const TEXTS = newsTexts(400, 3).map((text, n) => `${text} Item ${n} of the day.`)
/** A busy machine makes one version slower than the other by chance: these tests are about texts and verdicts. */
const RULE = 'texts=30,latency=100'

interface Answer {
  text: string
  version: string
}

describe.skipIf(!program)('a canary', () => {
  let server: S3Server
  let home: Home
  let address: string
  const bundles: TestBundle[] = []

  const model = (...args: string[]) => home.fnd(['model', ...args], { env: server.env })
  const ask = async (...args: string[]) => {
    const { stdout, code } = await model(...args, '--json')
    const { data, error } = JSON.parse(stdout)
    return { ...(data ?? error), exit: code }
  }
  const serve = (): ServeProcess =>
    startServe({
      ...server.env,
      FND_MODEL: `${address}#production`,
      FND_REGISTRY_POLL: '0.5',
      FND_CACHE_DIR: `${home.folder}/cache`,
      FND_BACKEND_WORKERS: '1',
      FND_BACKEND_RATE_LIMIT: '0',
    })
  const predict = async (backend: ServeProcess, text: string): Promise<Answer> => {
    const response = await fetch(backend.url('/predict'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    })
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return { text, version: ((await response.json()) as { model: { version: string } }).model.version }
  }
  /** The value of a series. */
  const metric = async (backend: ServeProcess, series: string): Promise<number> => {
    const page = await (await fetch(backend.url('/metrics'))).text()
    return Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    )
  }
  /** Waits until the backend's log has as many such lines. */
  const logged = async (backend: ServeProcess, msg: string, times: number) => {
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(50)) {
      const lines = backend.log().filter((line) => line.msg === msg)
      if (lines.length >= times) return lines.at(-1)
    }
    throw new Error(`no ${times} lines '${msg}':\n${backend.stdout()}`)
  }
  /** Clients that never stop asking; ends with all answers, or throws what one of them was refused. */
  function load(backend: ServeProcess, clients = 8) {
    /** Each with its place in the order in which they were asked: a slow one may be older than those before it. */
    const answers: (Answer & { asked: number })[] = []
    let going = true
    let next = 0
    const all = Promise.all(
      Array.from({ length: clients }, async () => {
        while (going) {
          const asked = next++
          answers.push({ ...(await predict(backend, TEXTS[asked % TEXTS.length] ?? '')), asked })
        }
      }),
    )
    return {
      answers,
      /** The answers to requests that begin from now on, at least this many. */
      async more(count: number): Promise<Answer[]> {
        const from = next
        for (const deadline = Date.now() + 240_000; ; await sleep(50)) {
          const since = answers.filter(({ asked }) => asked >= from)
          if (since.length >= count) return since
          if (Date.now() > deadline) throw new Error(`only ${since.length} answers`)
          await Promise.race([all, sleep(1)])
        }
      },
      async [Symbol.asyncDispose]() {
        going = false
        await all
      },
    }
  }

  beforeAll(async () => {
    server = await startS3(program ?? '')
    home = emptyHome()
    address = `s3://${server.bucket}/fnd-base`
    bundles.push(workingBundle('1'), workingBundle('2'), workingBundle('3', 0.1), doubtfulBundle('4'))
    for (const { folder } of bundles) expect((await model('push', folder, address)).code).toBe(0)
  })
  // Each begins with the first version and no canary.
  beforeEach(async () => {
    expect((await model('promote', `${address}@1`)).code).toBe(0)
  })
  afterAll(async () => {
    for (const bundle of bundles) bundle[Symbol.dispose]()
    home?.[Symbol.dispose]()
    await server?.[Symbol.asyncDispose]()
  })

  it('at 10 %, at 50 %, promoted, rolled back, withdrawn, under 8 clients: no request fails, each answer names its version', async () => {
    await using backend = serve()
    await backend.logged('ready')
    await using clients = load(backend)
    const share = async (count: number) => {
      const answers = await clients.more(count)
      const versions = new Map<string, string>()
      for (const { text, version } of answers) {
        expect(versions.get(text) ?? version, 'one text, one version').toBe(version)
        versions.set(text, version)
      }
      return [...versions.values()].filter((version) => version === '2').length / versions.size
    }
    expect(await share(20)).toBe(0)
    await model('promote', `${address}@2`, '--canary', '10%')
    expect(await logged(backend, 'canary', 1)).toMatchObject({ version: '2', serving: '1', share: 0.1 })
    const tenth = await share(250)
    expect(tenth).toBeGreaterThan(0.02)
    expect(tenth).toBeLessThan(0.18)
    await model('promote', `${address}@2`, '--canary', '50%')
    await logged(backend, 'canary', 2)
    const half = await share(120)
    expect(half).toBeGreaterThan(0.3)
    expect(half).toBeLessThan(0.7)
    await model('promote', `${address}@2`)
    await logged(backend, 'model replaced', 1)
    expect(await share(20)).toBe(1)
    await model('rollback', address)
    await logged(backend, 'model replaced', 2)
    expect(await share(20)).toBe(0)
    await model('promote', `${address}@2`, '--canary', '50%')
    await logged(backend, 'canary', 3)
    expect(await share(60)).toBeGreaterThan(0)
    expect(await ask('rollback', address)).toMatchObject({ from: '1', to: '1', withdrawn: '2' })
    await logged(backend, 'canary withdrawn', 1)
    expect(await share(20)).toBe(0)
    expect(
      await metric(backend, 'model_prediction_errors_total{version="2",role="canary",reason="failed"}'),
    ).toBe(0)
  }, 600_000)

  it('that fails its self-test is refused: the serving version goes on, a metric tells, --auto takes it away', async () => {
    await using backend = serve()
    await backend.logged('ready')
    await model('promote', `${address}@3`, '--canary', '50%')
    expect(await backend.logged('canary refused')).toMatchObject({
      serving: '1',
      error: { code: 'FND_MODEL_SELF_TEST' },
    })
    for (const text of TEXTS.slice(0, 10))
      expect(await predict(backend, text)).toMatchObject({ version: '1' })
    expect(await metric(backend, 'model_canary_refused{version="3",reason="self_test"}')).toBe(1)
    expect(await metric(backend, 'model_load_failures_total{reason="self_test"}')).toBe(1)
    expect(await ask('compare', address, '--backend', backend.url('/').href)).toMatchObject({
      exit: 3,
      verdict: 'worse',
      refused: 'self_test',
    })
    expect(await ask('compare', address, '--auto', '--backend', backend.url('/').href)).toMatchObject({
      exit: 3,
      action: 'rolled_back',
    })
    expect(await ask('compare', address)).toMatchObject({ exit: 4, code: 'FND_CANARY_ABSENT' })
  })

  it('in shadow mode reads the same texts: its disagreement is counted, no client ever gets its answer', async () => {
    await using backend = serve()
    await backend.logged('ready')
    expect(await ask('promote', `${address}@4`, '--shadow')).toMatchObject({
      to: '1',
      canary: { version: '4', mode: 'shadow', share: 0 },
    })
    await logged(backend, 'canary', 1)
    const url = backend.url('/').href
    expect(await ask('compare', address, '--backend', url)).toMatchObject({ exit: 0, verdict: 'undecided' })
    for (const text of TEXTS.slice(0, 40)) {
      expect(await predict(backend, text)).toMatchObject({ version: '1' })
      await sleep(50)
    }
    const outcome = (name: string) =>
      metric(backend, `model_shadow_texts_total{version="4",outcome="${name}"}`)
    await expect.poll(() => outcome('disagreed'), { timeout: 60_000 }).toBeGreaterThan(10)
    await expect
      .poll(async () => (await outcome('agreed')) + (await outcome('disagreed')), { timeout: 60_000 })
      .toBeGreaterThanOrEqual(30)
    // What the shadow says is in no figure about clients.
    expect(await metric(backend, 'prediction_latency_seconds_count')).toBe(40)
    const seen = await ask('compare', address, '--backend', url, '--rule', RULE)
    expect(seen).toMatchObject({ exit: 3, verdict: 'worse', canary: { verdicts: { Uncertain: 1 } } })
    expect(seen.reasons.join()).toContain('disagrees on')
    // Both read the same file: the probabilities are the same, to the last bit.
    expect(seen.shadow.difference).toBe(0)
    const { stdout } = await home.fnd(['health', '--backend', url], { env: server.env })
    expect(stdout).toMatch(/shadow +fnd-base 4 reads the same texts/)
    await model('rollback', address)
  })

  it('--auto promotes a good one, rolls a bad one back, and leaves it as it stands when interrupted', async () => {
    await using backend = serve()
    await backend.logged('ready')
    await using _clients = load(backend, 2)
    const auto = ['compare', address, '--auto', '--backend', backend.url('/').href, '--every', '1s']
    const standing = async () => (await ask('info', `${address}#production`)).canary?.version

    await model('promote', `${address}@4`, '--canary', '50%')
    expect(await ask(...auto, '--rule', 'texts=999999', '--within', '2s')).toMatchObject({
      exit: 5,
      code: 'FND_TIMEOUT',
    })
    const interrupted = await home.fnd(['model', ...auto, '--rule', 'texts=999999'], {
      env: server.env,
      // It has said what it waits for.
      started: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    })
    expect(interrupted.code).toBe(130)
    expect(interrupted.stderr).toContain('the canary stands as it was: 4 answers 50 % of the texts')
    expect(await ask(...auto, '--rule', RULE, '--dry-run')).toMatchObject({
      exit: 3,
      action: 'would_roll_back',
    })
    expect(await standing()).toBe('4')
    expect(await ask(...auto, '--rule', RULE)).toMatchObject({ exit: 3, action: 'rolled_back' })
    expect(await standing()).toBeUndefined()

    await model('promote', `${address}@2`, '--canary', '50%')
    expect(await ask(...auto, '--rule', RULE)).toMatchObject({
      exit: 0,
      action: 'promoted',
      verdict: 'sound',
    })
    const { version, history } = await ask('info', `${address}#production`)
    expect(version).toBe('2')
    expect(history.slice(0, 4)).toMatchObject([
      { kind: 'promote', why: 'compare --auto: within the rule' },
      { kind: 'canary', share: 0.5 },
      { kind: 'withdraw', why: expect.stringContaining('it says Uncertain') },
      { kind: 'canary', share: 0.5 },
    ])
    await logged(backend, 'model replaced', 1)
  }, 400_000)
})
