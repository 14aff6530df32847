// A verdict on a terminal: what it claims of the model that gave it.

import { expect, it } from 'vitest'
import type { Verdict } from '../../../src/commands/predict/answer.ts'
import { renderVerdict } from '../../../src/commands/predict/render.ts'
import { createPaint } from '../../../src/output/paint.ts'

const by = (name: string, version: string): string => {
  const verdict: Verdict = {
    label: 'Real',
    confidence: 0.9,
    probabilities: { real: 0.9, fake: 0.1 },
    tokens: 20,
    windows: 1,
    latencyMs: 12,
    model: { name, version, sha256: '0'.repeat(64) },
    where: 'local',
  }
  return renderVerdict(verdict, createPaint(false), 80).replace(/\s+/g, ' ')
}

it('how often “90 % sure” was right is told of the model that it was measured on', () => {
  expect(by('fnd-base', '1.1.0')).toContain('“90 % sure” was right 87 % of the time')
})

it.each([
  ['fnd-fast', '1.1.0'],
  ['fnd-base', '1.0.0'],
  ['acme', '1.1.0'],
])('%s %s, which nobody has measured so, gets no figure', (name, version) => {
  const text = by(name, version)
  expect(text).toContain(
    'On sources that it never saw, a model is less often right than its confidence says.',
  )
  expect(text).not.toContain('87 %')
})
