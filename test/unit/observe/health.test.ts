import { describe, expect, it } from 'vitest'
import { answer } from '../../../src/commands/health/answer.ts'
import { render } from '../../../src/commands/health/render.ts'
import { exitOf, reportOf } from '../../../src/commands/health/report.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import { evaluate } from '../../../src/observe/evaluate.ts'
import { parseExposition } from '../../../src/observe/exposition.ts'
import { FIGURE_NAMES, type Readings, takeReadings } from '../../../src/observe/health.ts'
import { backendSource } from '../../../src/observe/health-source.ts'
import { judge } from '../../../src/observe/verdict.ts'
import { toAscii } from '../../../src/output/ascii.ts'
import { createPaint } from '../../../src/output/paint.ts'
import { ScriptedBackend } from '../../support/scripted-backend.ts'

const { slo } = settingsSchema.parse({})
const plain = createPaint(false)

/** What a quiet, sound stack shows; a test changes what it is about. */
function readings(change: Partial<Readings> & { values?: Partial<Readings['figures']> } = {}): Readings {
  const { values, ...rest } = change
  const figures = Object.fromEntries(FIGURE_NAMES.map((name) => [name, null])) as Readings['figures']
  return {
    source: 'prometheus',
    window: 300,
    period: 'last 5m',
    figures: {
      ...figures,
      rate: 1200,
      errors: 0,
      callerErrors: 0,
      cpu: 0.5,
      memory: 2e8,
      modelReady: 1,
      p95: 0.03,
      mean: 0.02,
      ...values,
    },
    trends: { rate: [null, 0, 600, 1200] },
    stages: { tokenize: 0.001, queue: 0.002, inference: 0.02 },
    verdicts: { Fake: 0.5, Real: 0.3, Uncertain: 0.2 },
    models: [{ name: 'fnd-base', version: '0.1.0', instances: 1 }],
    canaries: [],
    alerts: [],
    scrapes: [{ instance: '127.0.0.1:8000', up: true, age: 4 }],
    instances: [],
    ...rest,
  }
}

const alert = (severity: 'critical' | 'warning' | 'info', state: 'firing' | 'pending' = 'firing') => ({
  name: 'QueueSaturated',
  severity,
  state,
  summary: 'The queue is full',
  runbook: 'docs/runbooks/QueueSaturated.md',
  since: 60,
})

describe('the judgement', () => {
  it('is healthy when nothing is wrong', () => {
    expect(judge(readings(), slo)).toMatchObject({ state: 'healthy', findings: [] })
  })

  it.each([
    [
      'no instance answers',
      readings({ scrapes: [{ instance: 'a', up: false, age: 5, error: 'connection refused' }] }),
      /does not answer/,
    ],
    ['Prometheus scrapes none', readings({ scrapes: [] }), /scrapes no backend/],
    ['no model is ready', readings({ values: { modelReady: 0 } }), /No model is ready/],
    ['a critical alert fires', readings({ alerts: [alert('critical')] }), /QueueSaturated/],
    ['errors are beyond the objective', readings({ values: { errors: 0.02 } }), /Error rate is 2 %/],
    [
      'p95 is beyond the objective',
      readings({ values: { p95: 1.4 } }),
      /p95 prediction latency is 1.4 s, above 1 s/,
    ],
    ['the queue is full', readings({ values: { queueShare: 0.95 } }), /Queue fill/],
  ])('is unhealthy when %s', (_, seen, what) => {
    const verdict = judge(seen, slo)
    expect(verdict.state).toBe('unhealthy')
    expect(verdict.findings[0]?.what).toMatch(what)
  })

  it.each([
    ['a warning fires', readings({ alerts: [alert('warning')] }), 'warning'],
    ['an alert is pending', readings({ alerts: [alert('critical', 'pending')] }), 'healthy'],
    ['an alert informs', readings({ alerts: [alert('info')] }), 'healthy'],
    [
      'one of two instances is away',
      readings({
        scrapes: [
          { instance: 'a', up: false, age: 5 },
          { instance: 'b', up: true, age: 5 },
        ],
      }),
      'warning',
    ],
    ['callers send bad requests', readings({ values: { callerErrors: 0.9 } }), 'healthy'],
    ['nobody asks', readings({ values: { rate: 0, predictions: 0, p95: null, errors: null } }), 'healthy'],
  ])('is no failure when %s', (_, seen, state) => expect(judge(seen, slo).state).toBe(state))

  const unscraped = { instance: 'a', up: false, every: 15 }
  const refused = { ...unscraped, age: 5, error: 'connection refused' }
  const fresh = { prometheus: 8, everUp: false }

  it.each([
    ['has not scraped yet', readings({ scrapes: [unscraped], beginning: fresh }), /not scraped the backend/],
    ['knows no target yet', readings({ scrapes: [], beginning: fresh }), /not taken up the backend/],
    [
      'came before the backend listened',
      readings({ scrapes: [refused], beginning: { ...fresh, direct: 'ready' } }),
      /before the backend listened: connection refused/,
    ],
    [
      'scraped while the model was being loaded',
      readings({
        values: { modelReady: 0, eventLoop: 2, cpu: null },
        beginning: { prometheus: 9000, backend: 12, everUp: true },
      }),
      /the model was still being loaded/,
    ],
  ])('waits, which is no failure, when Prometheus %s', (_, seen, cause) => {
    const verdict = judge(seen, slo)
    expect(verdict).toMatchObject({ state: 'waiting', findings: [{ level: 'info' }] })
    expect(verdict.findings).toHaveLength(1)
    expect(verdict.findings[0]?.what).toMatch(/^Just started: waiting for the first scrape/)
    expect(verdict.findings[0]?.cause).toMatch(cause)
  })

  it.each([
    [
      'the backend does not answer fnd either',
      readings({ scrapes: [unscraped], beginning: { ...fresh, direct: 'silent' } }),
    ],
    [
      'a backend that had answered is down',
      readings({ scrapes: [refused], beginning: { ...fresh, everUp: true } }),
    ],
    [
      'Prometheus has run for long enough to know',
      readings({ scrapes: [refused], beginning: { prometheus: 300, everUp: false } }),
    ],
    [
      'no target was taken up for long',
      readings({ scrapes: [], beginning: { prometheus: 300, everUp: false } }),
    ],
    [
      'the model is not ready for long',
      readings({ values: { modelReady: 0 }, beginning: { prometheus: 9, backend: 300, everUp: true } }),
    ],
    [
      'a critical alert fires meanwhile',
      readings({ scrapes: [unscraped], beginning: fresh, alerts: [alert('critical')] }),
    ],
  ])('waits no longer when %s', (_, seen) => expect(judge(seen, slo).state).toBe('unhealthy'))

  it('does not take the first scrape, which tells of the start, for a blocked event loop', () => {
    expect(judge(readings({ values: { eventLoop: 2, cpu: null } }), slo).state).toBe('healthy')
    expect(judge(readings({ values: { eventLoop: 2 } }), slo).state).toBe('unhealthy')
  })

  it('names the queue as the cause of latency, and that the workers are busy', () => {
    const [finding] = judge(
      readings({
        values: { p95: 2, workersBusy: 0.99 },
        stages: { tokenize: 0.001, queue: 1.8, inference: 0.02 },
      }),
      slo,
    ).findings
    expect(finding?.cause).toMatch(/^queue: 98.8 % .* busy 99 % of the time$/)
    expect(finding?.mend).toContain('backend.workers')
  })

  it('names inference as the cause, and the CPU limit behind it', () => {
    const [finding] = judge(
      readings({
        values: { p95: 2, throttling: 0.6 },
        stages: { tokenize: 0.001, queue: 0.01, inference: 1.8 },
      }),
      slo,
    ).findings
    expect(finding?.cause).toMatch(/^inference: .* CPU limit holds the process back 60 %/)
  })

  it('holds demands, and does not take "no traffic" for "fast"', () => {
    expect(judge(readings(), slo, { p95: 0.05, errors: 0.01 }).state).toBe('healthy')
    expect(judge(readings(), slo, { p95: 0.02 }).findings[0]?.what).toBe('--slo p95=20 ms is broken: 30 ms')
    const idle = readings({ values: { rate: 0, p95: null } })
    expect(judge(idle, slo, { p95: 1 }).findings[0]?.what).toMatch(/cannot be shown to hold: no traffic/)
  })

  it('takes a scrape for old only after several were due', () => {
    const seen = (every: number) =>
      judge(readings({ scrapes: [{ instance: 'a', up: true, age: 100, every }] }), slo)
    expect(seen(60).state).toBe('healthy')
    expect(seen(15).findings[0]?.what).toMatch(/^The last scrape is 1 min 40 s old/)
  })

  it('puts the worst first', () => {
    const verdict = judge(readings({ values: { errors: 0.02 }, alerts: [alert('warning')] }), slo)
    expect(verdict.findings.map((finding) => finding.level)).toEqual(['bad', 'warning'])
  })
})

describe('health on the terminal', () => {
  const text = (seen: Readings, columns = 80) =>
    render(reportOf(seen, judge(seen, slo), { url: 'http://127.0.0.1:9090/' }, 0), plain, columns)

  it('says what is wrong first, within 80 columns', () => {
    const shown = text(
      readings({
        values: { p95: 2, workersBusy: 0.99 },
        stages: { tokenize: 0.001, queue: 1.8, inference: 0.02 },
      }),
    )
    expect(shown).toMatchSnapshot()
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('fits 80x24 in its compact form with three findings, and says how many are left', () => {
    const alerts = ['A', 'B', 'C', 'D'].map((name) => ({ ...alert('warning'), name }))
    const seen = readings({ alerts })
    const report = reportOf(seen, judge(seen, slo), { url: 'http://127.0.0.1:9090/', stack: 'fnd' }, 0)
    const lines = render(report, plain, 80, true).split('\n')
    expect(lines.length).toBeLessThan(24)
    expect(lines[0]).toMatch(/ fnd · last 5m, .* · 127\.0\.0\.1:9090$/)
    expect(lines).toContain('  … and 1 more: `fnd health`')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('names an alert once, with its severity: what fires says most, then what lasts longest', () => {
    const same = [alert('warning', 'pending'), alert('critical'), alert('warning')]
    const alerts = same.map((one, i) => ({ ...one, since: [720, 60, 90][i] ?? 0 }))
    expect(text(readings({ alerts }))).toMatch(/alerts +QueueSaturated \(warning\) firing for 1 min 30 s$/m)
  })

  it('does not claim 0 ms without traffic', () => {
    const shown = text(
      readings({
        values: { rate: 0, predictions: 0, errors: null, callerErrors: null, p95: null, mean: null },
        stages: {},
        verdicts: {},
      }),
    )
    expect(shown).toMatch(/p95 +no traffic/)
    expect(shown).toContain('i No traffic (last 5m)')
    expect(shown).not.toMatch(/p95 +0 ms/)
  })

  it('says that it waits, and shows no value as missing for good', () => {
    const seen = readings({
      values: { rate: null, errors: null, cpu: null, p95: null },
      scrapes: [{ instance: 'a', up: false, every: 15 }],
      beginning: { prometheus: 3, everUp: false, direct: 'ready' },
    })
    expect(text(seen)).toMatch(/^\? waiting for the first scrape /)
    expect(text(seen)).toMatch(/p95 +not yet/)
    const report = reportOf(seen, judge(seen, slo), { url: 'http://127.0.0.1:9090/' }, 0)
    expect(exitOf(report)).toBe(0)
    expect(answer.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it('draws the parts of a prediction in proportion, the instances beside the slowest, in ASCII as well', () => {
    const figures = { rate: 10, errors: 0, p50: 0.01, p95: 0.02, p99: 1, cpu: 1, memory: 1e8, queue: 0 }
    const stages = { tokenize: 0.01, queue: 0.02, inference: 0.06, other: 0.01 }
    const half = { tokenize: 0.005, queue: 0.01, inference: 0.03, other: 0.005 }
    const seen = readings({
      stages,
      instances: [
        { instance: 'pod-a', figures, stages },
        { instance: 'pod-b', figures, stages: half },
      ],
    })
    const lines = toAscii(text(seen)).split('\n')
    const bar = (start: string) =>
      /[-=#.]{9,}/.exec(lines.findLast((line) => line.startsWith(start)) ?? '')?.[0]
    const counts = (drawn = '') => ['-', '=', '#', '.'].map((fill) => drawn.split(fill).length - 1)
    expect(counts(bar('  spent on'))).toEqual([6, 12, 38, 6])
    expect(counts(bar('  pod-a'))).toEqual([6, 12, 34, 6])
    expect(counts(bar('  pod-b'))).toEqual([3, 6, 17, 3])
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(80)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for.
      expect(line).toMatch(/^[\x00-\x7f]*$/)
    }
  })

  it('names what is outside of the stages as the cause where it is the most', () => {
    const seen = readings({
      values: { p95: 2 },
      stages: { tokenize: 0.001, queue: 0.01, inference: 0.015, other: 0.4 },
    })
    expect(judge(seen, slo).findings[0]?.cause).toMatch(/^other: 93.9 % of a prediction’s time \(400 ms\)/)
  })

  it('marks a bad figure without colour', () => {
    expect(text(readings({ values: { errors: 0.02 } }))).toMatch(/^× 5xx errors +2 %/m)
  })

  it('fits narrow terminals', () => {
    const instances = ['fake-news-app-7d9c4b-abcde', 'b'].map((instance) => ({
      instance,
      figures: { rate: 10, errors: 0, p50: 0.01, p95: 0.02, p99: null, cpu: 1, memory: 1e8, queue: 0 },
      stages: { tokenize: 0.001, queue: 0.02, inference: 0.02, other: 0.004 },
    }))
    for (const line of text(readings({ instances }), 60).split('\n').slice(1))
      expect(line.trimEnd().length).toBeLessThanOrEqual(60)
  })

  it('answers --json within its schema', () => {
    const seen = readings()
    const report = reportOf(seen, judge(seen, slo), { url: 'http://127.0.0.1:9090/' }, 0)
    expect(answer.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })
})

describe('without a Prometheus', () => {
  it('reads the backend since its start, then between two looks', async () => {
    await using backend = new ScriptedBackend()
    const address = await backend.listen()
    let now = Date.now() + 600_000
    const source = backendSource(address, () => now)
    const signal = new AbortController().signal
    for (let n = 0; n < 100; n += 1) backend.request({ status: n < 10 ? 500 : 200 })
    const first = await takeReadings(source, 300, true, signal)
    expect(first.period).toMatch(/^since the backend started, 600 s$/)
    expect(first.figures.rate).toBeCloseTo(10, 1)
    expect(first.figures.errors).toBeCloseTo(0.1, 9)
    expect(first.trends.rate).toEqual([])

    now += 10_000
    for (let n = 0; n < 50; n += 1) backend.request()
    const second = await takeReadings(source, 300, false, signal)
    expect(second.period).toBe('last 10 s')
    expect(second.figures.rate).toBeCloseTo(300, 6)
    expect(second.figures.errors).toBe(0)
    expect(second.trends.rate).toHaveLength(1)
  })

  it('counts a restart from zero, as Prometheus does', () => {
    const rate = evaluate(
      { kind: 'rate', metric: 'http_requests_total' },
      {
        before: parseExposition('http_requests_total{route="/predict"} 100'),
        now: parseExposition('http_requests_total{route="/predict"} 30'),
        seconds: 10,
      },
    )
    expect(rate).toEqual([{ labels: {}, value: 3 }])
  })

  it('says that a backend that is away does not answer', async () => {
    const source = backendSource(new URL('http://127.0.0.1:9/'), Date.now)
    await expect(source.refresh(new AbortController().signal)).rejects.toMatchObject({
      code: 'FND_BACKEND_DOWN',
      exit: 3,
    })
  })
})
