// What others wrote, as error messages quote it.

import { expect, it } from 'vitest'
import { parseManifest } from '../../../src/detector/bundle.ts'
import { FndError, reportOf } from '../../../src/errors/error.ts'
import { excerpt } from '../../../src/errors/excerpt.ts'
import { reportLines } from '../../../src/output/error-text.ts'
import { createPaint } from '../../../src/output/paint.ts'
import { openRegistry } from '../../../src/registry/open.ts'

it('control characters are written out, and what is long is cut', () => {
  expect(excerpt('a\u001b[31mred\u202e\nb')).toBe('a\\u{1b}[31mred\\u{202e} b')
  expect(excerpt('x'.repeat(5000))).toHaveLength(302)
})

it.each([
  ['\u001b[2J not JSON'],
  [JSON.stringify({ schema: 1, referenceDistribution: { labels: { '\u001b[2J': 'x' } } })],
  [JSON.stringify({ schema: 1, files: Array.from({ length: 5000 }, () => ({})) })],
])('a manifest that is none neither steers the terminal nor floods it: %.40s', (text) => {
  const told = (() => {
    try {
      return parseManifest(text, 's3://m/toy@1')
    } catch (error) {
      return reportLines(reportOf(error as FndError), createPaint(false), 200)
    }
  })()
  expect(told).not.toContain('\u001b')
  expect(String(told).length).toBeLessThan(800)
})

it('what an error quotes unescaped does not reach the terminal either', () => {
  const error = new FndError('FND_VERSION_UNKNOWN', { address: 's3://m/\u001b[2J', known: [] })
  expect(reportLines(reportOf(error), createPaint(false), 200)).not.toContain('\u001b')
})

it.each([
  ['http://me:secret@s3.example', 'must not carry credentials'],
  ['http://secret@s3.example', 'must not carry credentials'],
  ['http:me:secret@s3.example', 'must be an http address'],
])(
  'an endpoint of the environment that carries credentials is refused, not printed: %s',
  async (endpoint, why) => {
    const access = {
      settings: { poll: 1, keep: 1, trustedKeys: [] },
      env: { AWS_ENDPOINT_URL: endpoint },
      signal: AbortSignal.timeout(1000),
    }
    const told = await openRegistry('models', access).then(String, String)
    expect(told).toContain(`AWS_ENDPOINT_URL: ${why}`)
    expect(told).not.toContain('secret')
  },
)
