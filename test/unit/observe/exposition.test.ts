import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFndError } from '../../../src/errors/error.ts'
import { histogramQuantile, type NamedSample, parseExposition } from '../../../src/observe/exposition.ts'

const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,12}$/)
const label = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
const value = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)
const sample: fc.Arbitrary<NamedSample> = fc.record({
  name,
  labels: fc.dictionary(
    label,
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', '')),
  ),
  value,
})

/** The text format as its description says: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function write({ name: of, labels, value: n }: NamedSample): string {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const list = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  const number = Number.isNaN(n) ? 'NaN' : n === Infinity ? '+Inf' : n === -Infinity ? '-Inf' : String(n)
  return `${of}${list.length ? `{${list.join(',')}}` : ''} ${number}`
}

describe('the text format', () => {
  it('is read back as it was written, whatever stands in the labels', () => {
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const page = `# HELP x y\n# TYPE x counter\n${samples.map(write).join('\n')}\n`
        expect(parseExposition(page)).toEqual(samples)
      }),
    )
  })

  it('takes spaces, a trailing comma, a timestamp and comments', () => {
    expect(parseExposition('# a\n\n  up { job = "b", } 1 1700000000000 \n')).toEqual([
      { name: 'up', labels: { job: 'b' }, value: 1 },
    ])
  })

  it.each(['up', 'up{', 'up{a="b} 1', 'up one', '1up 1', 'up{a=b} 1', '<html>'])(
    'refuses %s and names the line',
    (line) => {
      try {
        parseExposition(`ok 1\n${line}`)
        expect.unreachable()
      } catch (error) {
        expect(isFndError(error, 'FND_METRICS_UNREADABLE') && error.params.line).toBe(2)
      }
    },
  )

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseExposition(text)
        } catch (error) {
          expect(isFndError(error, 'FND_METRICS_UNREADABLE')).toBe(true)
        }
      }),
    )
  })
})

describe('the quantile of a histogram', () => {
  const buckets = [
    { edge: 0.1, count: 50 },
    { edge: 0.5, count: 90 },
    { edge: 1, count: 100 },
    { edge: Infinity, count: 100 },
  ]

  it.each([
    [0.25, 0.05],
    [0.5, 0.1],
    [0.7, 0.3],
    [0.95, 0.75],
    [1, 1],
  ])('of %d is %d', (q, expected) => expect(histogramQuantile(q, buckets)).toBeCloseTo(expected, 12))

  it('in the last bucket is the edge below it: more cannot be told', () => {
    expect(
      histogramQuantile(0.99, [
        { edge: 1, count: 1 },
        { edge: Infinity, count: 10 },
      ]),
    ).toBe(1)
  })

  it('is NaN without observations or without a +Inf bucket', () => {
    expect(
      histogramQuantile(0.5, [
        { edge: 1, count: 0 },
        { edge: Infinity, count: 0 },
      ]),
    ).toBeNaN()
    expect(histogramQuantile(0.5, [{ edge: 1, count: 5 }])).toBeNaN()
    expect(histogramQuantile(0.5, [])).toBeNaN()
  })

  it('lies in the bucket that holds the observation of that rank', () => {
    const edges = [0.01, 0.1, 1, 10]
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 9.9, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (observed, q) => {
          const counted = [...edges, Infinity].map((edge) => ({
            edge,
            count: observed.filter((x) => x <= edge).length,
          }))
          const rank = Math.max(1, Math.ceil(q * observed.length - 1e-9))
          const exact = [...observed].sort((a, b) => a - b)[rank - 1] ?? Number.NaN
          const bucket = edges.findIndex((edge) => exact <= edge)
          const estimate = histogramQuantile(q, counted)
          expect(estimate).toBeLessThanOrEqual((edges[bucket] ?? 0) + 1e-9)
          expect(estimate).toBeGreaterThanOrEqual((edges[bucket - 1] ?? 0) - 1e-9)
        },
      ),
    )
  })
})
