// The rule that judges a canary, and what it reads from a page of metrics.

import { expect, test } from 'vitest'
import { renderComparison } from '../../../src/commands/model/compare/render.ts'
import { parseRule } from '../../../src/commands/model/compare/rule.ts'
import {
  CANARY_RULE,
  type CanaryFigures,
  judgeCanary,
  readCanary,
  type VersionFigures,
} from '../../../src/observe/canary.ts'
import { evaluate } from '../../../src/observe/evaluate.ts'
import { parseExposition } from '../../../src/observe/exposition.ts'
import { createPaint } from '../../../src/output/paint.ts'

const version = (name: string, more: Partial<VersionFigures> = {}): VersionFigures => ({
  version: name,
  texts: 2000,
  errors: 0,
  p50: 0.02,
  p95: 0.05,
  mean: 0.025,
  verdicts: { Fake: 0.3, Real: 0.5, Uncertain: 0.2 },
  confidence: 0.8,
  ...more,
})
const figures = (canary: Partial<VersionFigures> = {}, more: Partial<CanaryFigures> = {}): CanaryFigures => ({
  mode: 'canary',
  serving: version('1'),
  canary: version('2', { texts: 300, ...canary }),
  taken: true,
  ...more,
})
const shadow = (compared: number, disagreed: number): Partial<CanaryFigures> => ({
  mode: 'shadow',
  shadow: { compared, disagreed, difference: 0.1, dropped: 0 },
})

test.each([
  ['alike', figures(), 'sound', /^$/],
  ['too few texts', figures({ texts: 199 }), 'undecided', /199 of 200 texts of the canary/],
  ['too few of the other', figures({}, { serving: version('1', { texts: 5 }) }), 'undecided', /5 of 200/],
  ['taken by nobody', figures({ texts: 0 }, { taken: false }), 'undecided', /no backend/],
  ['refused', figures({ texts: 0 }, { refused: 'self_test' }), 'worse', /refused it \(self_test\)/],
  ['errors', figures({ errors: 12 }), 'worse', /fails on 4 %/],
  ['errors from the first texts on', figures({ texts: 30, errors: 30 }), 'worse', /fails on 100 %/],
  ['one error in thirty tells nothing', figures({ texts: 30, errors: 1 }), 'undecided', /30 of 200/],
  ['more errors by chance', figures({ errors: 9 }, { serving: version('1', { errors: 20 }) }), 'sound', /^$/],
  ['errors below the limit', figures({ errors: 3 }), 'sound', /^$/],
  [
    'as many errors as the other',
    figures({ errors: 12 }, { serving: version('1', { errors: 80 }) }),
    'sound',
    /^$/,
  ],
  ['slower', figures({ mean: 0.05, p95: 0.1 }), 'worse', /2.0 times as long/],
  ['a slow shadow', figures({ mean: 0.5, p95: 1 }, shadow(300, 20)), 'sound', /^$/],
  ['a slow tail alone', figures({ p95: 0.2 }), 'sound', /^$/],
  [
    'other verdicts',
    figures({ verdicts: { Fake: 0.45, Real: 0.35, Uncertain: 0.2 } }),
    'worse',
    /Fake to 45 %/,
  ],
  [
    'other verdicts by chance',
    figures({ texts: 40, verdicts: { Fake: 0.45, Real: 0.35, Uncertain: 0.2 } }),
    'sound',
    /^$/,
  ],
  ['a shadow that agrees', figures({}, shadow(300, 20)), 'sound', /^$/],
  ['a shadow that disagrees', figures({}, shadow(300, 60)), 'worse', /20 % of the same texts/],
  ['a shadow with few texts', figures({}, shadow(30, 30)), 'undecided', /30 of 200 texts compared/],
])('%s', (name, seen, verdict, reason) => {
  const rule = name.endsWith('by chance') ? { ...CANARY_RULE, texts: 40 } : CANARY_RULE
  const judged = judgeCanary(seen, rule)
  expect(judged.verdict).toBe(verdict)
  expect(judged.reasons.join('; ')).toMatch(reason)
})

test('the rule takes what is named and keeps the rest', () => {
  expect(parseRule('texts=500, errors=0.5%')).toEqual({ ...CANARY_RULE, texts: 500, errors: 0.005 })
  for (const [text, message] of [
    ['speed=2', "--rule does not know 'speed'"],
    ['texts=0', '--rule texts takes a whole number'],
    ['latency=0.5', '--rule latency takes how many times'],
    ['mix=200%', '--rule mix takes a share'],
  ] as const)
    expect(() => parseRule(text)).toThrow(message)
})

test('figures are read apart by version and part', async () => {
  const page = parseExposition(`# TYPE model_predictions_total counter
model_predictions_total{version="1",role="serving",label="Fake"} 30
model_predictions_total{version="1",role="serving",label="Real"} 10
model_predictions_total{version="1",role="canary",label="Real"} 500
model_predictions_total{version="2",role="shadow",label="Real"} 20
model_prediction_errors_total{version="2",role="shadow",reason="failed"} 2
model_prediction_latency_seconds_bucket{version="1",role="serving",le="0.1"} 20
model_prediction_latency_seconds_bucket{version="1",role="serving",le="0.2"} 40
model_prediction_latency_seconds_bucket{version="1",role="serving",le="+Inf"} 40
model_prediction_latency_seconds_sum{version="1",role="serving"} 4
model_prediction_latency_seconds_count{version="1",role="serving"} 40
model_shadow_texts_total{version="2",outcome="agreed"} 15
model_shadow_texts_total{version="2",outcome="disagreed"} 5
model_shadow_texts_total{version="2",outcome="dropped"} 7
model_shadow_probability_difference_sum{version="2"} 2
model_shadow_probability_difference_count{version="2"} 20
model_canary_share{name="toy",version="2",sha256="ab",mode="shadow"} 0
`)
  const source = {
    kind: 'backend' as const,
    period: () => '',
    refresh: async () => {},
    ask: async (expression: Parameters<typeof evaluate>[0]) =>
      evaluate(expression, { now: page, seconds: 60 }),
    trend: async () => [],
    alerts: async () => [],
    scrapes: async () => [],
    beginning: async () => undefined,
  }
  const read = await readCanary(
    source,
    { serving: '1', canary: '2', mode: 'shadow' },
    60,
    new AbortController().signal,
  )
  expect(read).toEqual({
    mode: 'shadow',
    serving: {
      version: '1',
      texts: 40,
      errors: 0,
      p50: 0.1,
      p95: expect.closeTo(0.19),
      mean: 0.1,
      verdicts: { Fake: 0.75, Real: 0.25 },
      confidence: null,
    },
    canary: {
      version: '2',
      texts: 22,
      errors: 2,
      p50: null,
      p95: null,
      mean: null,
      verdicts: { Real: 1 },
      confidence: null,
    },
    shadow: { compared: 20, disagreed: 5, difference: 0.1, dropped: 7 },
    taken: true,
  })
})

test('both stand side by side within 80 columns, and control characters are not printed', () => {
  const seen = figures({ version: '2\u001b[2J' }, shadow(300, 60))
  const shown = renderComparison(
    {
      address: 's3://acme-models/prod/fnd-base#production',
      stands: { version: '2', sha256: '', mode: 'shadow', share: 0, since: '2026-01-01T00:00:00Z' },
      source: { kind: 'prometheus', url: 'http://127.0.0.1:9090/' },
      window: 600,
      period: 'last 10m',
      ...seen,
      rule: CANARY_RULE,
      ...judgeCanary(seen, CANARY_RULE),
    },
    createPaint(false),
    80,
  )
  expect(shown).not.toContain('\u001b')
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(shown).toMatchInlineSnapshot(`
    "s3://acme-models/prod/fnd-base#production
    last 10m · 127.0.0.1:9090

                       serving 1    shadow 2 [2J
      texts                2,000             300
      errors                 0 %             0 %
      p50                  20 ms           20 ms
      p95                  50 ms           50 ms
      mean                 25 ms           25 ms
      Fake                  30 %            30 %
      Real                  50 %            50 %
      Uncertain             20 %            20 %
      confidence             0.8             0.8
      same texts  300 read by both, 60 with another verdict (20 %), mean difference
                  of the probability 0.1

    × 2 [2J is worse: it disagrees on 20 % of the same texts"
  `)
})

test('with figures from before it stood so, a canary may be found worse, not sound', () => {
  expect(judgeCanary(figures(), CANARY_RULE, 18)).toEqual({
    verdict: 'undecided',
    reasons: ['18 s of the figures are from before it stood so'],
  })
  expect(judgeCanary(figures({ errors: 12 }), CANARY_RULE, 18).verdict).toBe('worse')
})
